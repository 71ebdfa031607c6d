# ruff: noqa: E501
"""How people ask for an ARC task; the router's text classifier learns from it.

`{problem}` is where the grids go, `[a|b]` are choices.
"""

from __future__ import annotations

PHRASES = (
    "[solve|do|crack] this ARC [task|puzzle|problem] [please|for me|] {problem}",
    "[predict|give|produce|work out] the [test output|missing output|output grid|output for the test input] {problem}",
    "[find|infer|discover|work out] the [common|hidden|underlying|] [rule|transformation|pattern] that maps [an input grid to an output grid|inputs to outputs] {problem}",
    "infer the rule from the [pairs|examples] and apply it to the [last grid|test input] {problem}",
    "here are some examples of a grid transformation {problem} what is the output for the test input?",
    "[what|which] [is|should be] the output grid [for the last input|for the test|] {problem}",
    "[given|from] these [input/output|input and output|] pairs, [what comes out for|complete|transform] the [last|test|final] [input|grid] {problem}",
    "[how|] does the [pattern|transformation] [continue|work]: give the [last|missing] grid {problem}",
    "below is a test input grid, predict the corresponding output grid by applying the rule you found {problem}",
    "[train|demonstration] pairs and a test input: {problem} [output?|fill in the test output]",
    "[an|this] abstraction and reasoning [corpus|] task: {problem}, [solve it|what is the answer]",
    "[apply|use] the same [transformation|rule|change] to the [test|last|new] grid {problem}",
    "[each|every] example turns one [coloured|] grid into another {problem} [do the same for the last one|what does the last one become]",
    "[look at|study] the [examples|pairs] and [complete|draw|write down] the [final|missing] [output|grid] {problem}",
    "[what happens|what would happen] to the test grid under this rule {problem}",
    "colours 0 to 9, [three|two|four] examples, one test: {problem} [answer as a grid|return the grid]",
    "[complete|continue] the [analogy|grid pattern|series of grids] {problem}",
    "[löse|bearbeite] diese ARC-Aufgabe [bitte|] {problem}",
    "[finde|erkenne] die Regel [hinter den Beispielen|] und wende sie auf [das Testgitter|die letzte Eingabe] an {problem}",
    "[wie lautet|bestimme|gib] die Ausgabe [für die Testeingabe|zum letzten Gitter] {problem}",
    "[trouve|déduis] la règle [des exemples|] et applique-la à [la grille de test|la dernière grille] {problem}",
    "[prédis|donne] la sortie [du test|pour la grille de test] {problem}",
    "[deduce|encuentra] la regla [de los ejemplos|] y aplícala [a la última cuadrícula|a la entrada de prueba] {problem}",
    "[predice|dame] la salida [de prueba|para la última entrada] {problem}",
    "[trova|deduci] la regola e applicala [all'ultima griglia|all'input di test] {problem}",
    "[descobre|encontra] a regra e aplica-a [à última grelha|à entrada de teste] {problem}",
    "[vind|ontdek] de regel en pas die toe op [het laatste rooster|de testinvoer] {problem}",
    "[znajdź|odgadnij] regułę i zastosuj ją do [ostatniej siatki|danych testowych] {problem}",
    "[найди|определи] правило и примени его к [последней сетке|тестовому входу] {problem}",
    "[kuralı bul|örneklerdeki kuralı çıkar] ve [son ızgaraya|test girdisine] uygula {problem}",
    "[找出|推断] 规则并应用到 [测试输入|最后一个网格] {problem}",
    "[例から規則を見つけて|規則を推測して] テスト入力に適用してください {problem}",
    "[예제에서 규칙을 찾아|규칙을 찾아서] 마지막 격자에 적용해 줘 {problem}",
    "[استنتج القاعدة|اكتشف القاعدة] وطبقها على [الشبكة الأخيرة|مدخل الاختبار] {problem}",
    "[hitta|finn] regeln och tillämpa den på [testet|det sista rutnätet] {problem}",
)
