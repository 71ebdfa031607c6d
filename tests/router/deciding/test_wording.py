# ruff: noqa: E501
"""What stands around problems, in sentences that were written before the vocabularies were.

Some words of theirs were added to the vocabularies later, so they guard what is understood and
do not measure it. `{p}` is where the problem stands.
"""

from __future__ import annotations

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.asking import Asker, Remainder
from hrm_router.deciding import Decider
from hrm_router.reading import read_text

SUDOKU = """
{p}
Hey, got this one off the back of a cereal box and it's driving me nuts. Any chance you could polish it off?\\n\\n{p}
Nr. 1843 in the paper this morning:\\n{p}\\nI'd be grateful for the full grid.
{p}\\n^ sudoku. Finish pls
Which digits belong in the empty squares?\\n{p}
I typed up the puzzle from page 9, zeros are the squares nobody has filled in yet.\\n{p}\\nLooking forward to the completed version!
The 9x9 thing my dad left half done is down here. Put in what's missing, would you?\\n{p}
{p}\\nPlease hand back the finished board as nine lines of nine digits and leave out any commentary.
Sudoku attached below. Blank = dot. I only want to see the end result.\\n{p}
Could somebody finally crack this beast? The app says "diabolical".\\n{p}
Kannst du mir bei diesem Rätsel helfen? Ich hänge seit einer Stunde fest.\\n{p}
Bitte vervollständige das Gitter:\\n{p}\\nDanke schön!
Hier das Sudoku aus der Samstagszeitung, Punkte sind leere Felder.\\n{p}\\nWie lautet die Lösung?
Löst du mir das mal eben?\\n{p}
Peux-tu finir cette grille, s'il te plaît ?\\n{p}
Voici ma grille de sudoku (les zéros sont les cases vides) :\\n{p}\\nJ'aimerais la solution complète.
Remplis les cases manquantes.\\n{p}
¿Me ayudas a terminar este sudoku?\\n{p}
Completa la cuadrícula, los puntos son casillas vacías:\\n{p}\\nMuchas gracias.
Riesci a risolvere questo schema?\\n{p}
Ecco il sudoku di oggi, mi dai la griglia completa?\\n{p}
Consegues resolver este sudoku para mim?\\n{p}
Preencha as células vazias:\\n{p}
Kun je deze sudoku voor me afmaken?\\n{p}
Vul de lege vakjes in alsjeblieft\\n{p}
Rozwiąż proszę to sudoku:\\n{p}
Uzupełnij brakujące cyfry\\n{p}
Реши, пожалуйста, судоку:\\n{p}
Помоги заполнить пустые клетки.\\n{p}\\nСпасибо!
Bu sudokuyu çözebilir misin?\\n{p}
请帮我解这个数独：\\n{p}
填写空格，谢谢\\n{p}
この数独を解いてください。\\n{p}
空いているマスを埋めて下さい\\n{p}
이 스도쿠 좀 풀어 줘\\n{p}
حل هذا السودوكو من فضلك\\n{p}
इस सुडोकू को हल करो\\n{p}
Kan du lösa det här sudokut?\\n{p}
Vyřeš prosím toto sudoku\\n{p}
Giải giúp mình ô sudoku này\\n{p}
Tolong selesaikan sudoku ini\\n{p}
"""

MAZE = """
{p}
I'm standing at S and would love to be at G without a detour. Which squares do I step on?\\n{p}
Hashes are brick, everything else you can walk on. Get from S to G with the fewest steps.\\n{p}
{p}\\nBest way through?
My vacuum robot starts at S, its dock is G. Plot the least number of moves.\\n{p}
Trace a line through the corridors for me:\\n{p}
{p}\\nI need the quickest way to the goal, marked with o's. Nothing more.
Floor plan of level 2, S = stairs, G = gate. What's the minimal walk?\\n{p}
Wie komme ich am schnellsten von S nach G?\\n{p}
Finde bitte den kürzesten Weg durch dieses Labyrinth.\\n{p}
Zeichne den Weg ein, Rauten sind Wände:\\n{p}
Trouve le chemin le plus court entre S et G.\\n{p}
Comment sortir de ce labyrinthe en un minimum de pas ?\\n{p}
Encuentra el camino más corto de S a G\\n{p}
¿Cómo llego a la meta?\\n{p}
Qual è il percorso più breve da S a G?\\n{p}
Encontre o caminho mais curto neste labirinto\\n{p}
Wat is de kortste route van S naar G?\\n{p}
Znajdź najkrótszą drogę z S do G\\n{p}
Найди кратчайший путь из S в G\\n{p}
S'den G'ye en kısa yolu bul\\n{p}
请找出从S到G的最短路径\\n{p}
SからGまでの最短経路を教えてください\\n{p}
S에서 G까지 가장 짧은 길을 찾아줘\\n{p}
أوجد أقصر طريق من S إلى G\\n{p}
Hitta den kortaste vägen från S till G\\n{p}
"""

MORE = """
Sort out this one\\n{p}\\nand when you're through, give me three arguments for doing puzzles before breakfast.
{p}\\nGet it done. Separately: my niece asks why the sky is blue, what do I tell her?
Finish the grid below and put together a cheerful birthday greeting for uncle Bob.\\n{p}
{p}\\nPlease fill it in; I'd also appreciate a couple of lines on where this kind of puzzle comes from.
Could you work this out, and talk a nervous beginner through the opening moves?\\n{p}
Here you go:\\n{p}\\nAfter you've found the answer, turn it into a lullaby.
First things first, the result for this:\\n{p}\\nSecondly, how long do I boil eggs for a picnic?
{p}\\nSolve it and tell me honestly whether a twelve-year-old could manage that.
Complete it. What's your favourite opening in chess, by the way?\\n{p}
I need two things from you. One: crack this.\\n{p}\\nTwo: draft a polite refusal to a dinner invitation.
What's the answer here, and how would Hercule Poirot announce it?\\n{p}
{p}\\nGive the answer and then a short lesson on how people attack such things without a computer.
Solve this, please, then compare its difficulty with the one in last Sunday's Times.\\n{p}
The puzzle for the club newsletter is below; I need its solution plus a catchy headline.\\n{p}
{p}\\nOnce solved, write me a regex that matches any row of it.
Do this one for me and recommend a novel set in a labyrinth.\\n{p}
Löse das hier und schreib mir danach einen Vierzeiler über Geduld.\\n{p}
{p}\\nBitte lösen. Außerdem: Was koche ich heute Abend für sechs Gäste?
Wie lautet die Lösung, und warum ist das so beliebt in Japan?\\n{p}
Bitte löse das Rätsel und erkläre meiner Oma den ersten Schritt.\\n{p}
Résous ceci puis raconte une blague à ma fille.\\n{p}
{p}\\nDonne la solution et explique en une phrase la méthode employée.
Trouve la réponse et rédige un petit mot pour mon patron.\\n{p}
Resuelve esto y luego cuéntame un chiste sobre matemáticos.\\n{p}
{p}\\nNecesito la solución y también un resumen de la historia de los laberintos.
Resuélvelo y explica la segunda fila a un niño.\\n{p}
Risolvi questo e poi scrivi una filastrocca sul risultato.\\n{p}
{p}\\nDammi la soluzione e spiega come ci sei arrivato a un principiante.
Resolve isto e depois escreve um poema curto sobre a chuva.\\n{p}
Los dit op en leg daarna uit hoe je begonnen bent.\\n{p}
{p}\\nGeef de oplossing en schrijf een kort gedicht voor mijn moeder.
Rozwiąż to, a potem napisz krótki wierszyk o kotach.\\n{p}
Реши это и объясни ребёнку третью строку.\\n{p}
{p}\\nНайди решение, а затем напиши короткое письмо начальнику.
Bunu çöz ve sonra annem için kısa bir şiir yaz.\\n{p}
请解这道题，然后给孩子解释第三行。\\n{p}
解完之后再写一首关于耐心的短诗。\\n{p}
これを解いて、それから三行目を子供に説明してください。\\n{p}
이걸 풀고 나서 엄마에게 보낼 짧은 편지를 써 줘.\\n{p}
حل هذا ثم اشرح الصف الثالث لطفل.\\n{p}
इसे हल करो और फिर बारिश पर एक छोटी कविता लिखो।\\n{p}
Lös det här och skriv sedan en vers om tålamod.\\n{p}
Vyřeš to a potom napiš krátkou básničku o psovi.\\n{p}
"""

ILLUSTRATIONS = """
Leetcode 37. Write a program that fills the empty cells. The input board is guaranteed to have one solution.\\nExample:\\n{p}\\nConstraints: board.length == 9
My solver chokes on this input, stack trace below. What is wrong with my recursion?\\n{p}\\nRecursionError: maximum recursion depth exceeded
How should I store something like this in a Rust struct?\\n{p}
I want a unit test in Java that feeds the following to my parser:\\n{p}
Implement shortestPath(grid) in TypeScript. Sample:\\n{p}\\nExpected complexity O(n*m).
"""

OPEN = """
Is there any truth to the claim that doing number puzzles keeps you sharp?
Put together a packing list for two weeks in Patagonia.
my sudoku app keeps crashing after the update, whom do I contact
Which hedge maze in the UK is the biggest?
I got stuck in a maze of bureaucracy. Write the complaint for me.
Does a 9x9 Latin square always extend to a sudoku?
Could you explain naked pairs?
Convert 37 C to Fahrenheit
What happens in the third act of Hamlet?
give me a regex for IPv4 addresses
Why did the maze runner series get cancelled?
Bitte schreibe ein Bewerbungsschreiben als Bäcker.
Wie funktioniert Backtracking bei Sudoku?
Comment apprendre le sudoku à un enfant ?
¿Cuántos sudokus distintos existen?
Qual è la differenza tra un labirinto e un dedalo?
Как научиться быстро решать судоку?
数独是谁发明的？
迷路の歴史を教えてください
كيف أتعلم حل السودوكو؟
What's the ARC prize and who won it last year?
Suggest an algorithm for generating mazes with exactly one route.
Can you play a sudoku game with me?
How many moves does a knight need from a1 to h8?
A maze has 4 exits and 3 entrances. How many pairs are there?
Please remind me to solve the sudoku tonight at 8.
turn off the lights in the bedroom
what should I reply to "we need to talk"
The path to success is long. Discuss.
I'd like a crossword about the solar system.
"""


def wordings(block: str) -> list[str]:
    """The lines of a block, line breaks in them made real."""
    return [line.replace("\\n", "\n") for line in block.strip().splitlines()]


# A second set, written after the first had been looked at and before it was
# scored once itself.

SECOND_SUDOKU = """
pls do\\n{p}
Greetings. My grandfather never managed to complete the following before he passed; I should very much like to see how it ends.\\n{p}
EASY ONE TODAY??? {p} DONE YET?
Blank squares appear as dots. Supply the remaining digits, nothing fancy.\\n{p}
{p}\\nI reckon there's only one way to fill that. Show me.
Time for a quick sudoku! Here goes:\\n{p}\\nYour turn :)
Take the clues below and produce the fully populated 9 by 9 array, formatted like the input.\\n{p}
Output the completed sudoku only.\\n{p}
We need every cell filled for the answer key on page 60.\\n{p}
can u help, im so close but row 7 wont work out\\n{p}
Ich geb's auf. Mach du das fertig:\\n{p}
Was gehört in die freien Kästchen?\\n{p}\\nNur das Endergebnis bitte.
Guten Abend, anbei das Zahlenrätsel von heute. Ich bräuchte die komplette Auflösung. Viele Grüße\\n{p}
Je sèche sur cette grille depuis ce matin. La solution, svp !\\n{p}
Quels chiffres manquent ?\\n{p}
Tengo este pasatiempo a medias, ¿me lo acabas?\\n{p}
¿Qué números van en los huecos?\\n{p}
Non ne vengo a capo: mi completi il sudoku?\\n{p}
Quais números faltam aqui?\\n{p}
Ik kom er niet uit. Wat is de volledige oplossing?\\n{p}
Utknąłem. Pomożesz dokończyć?\\n{p}
Какие цифры должны стоять в пустых клетках?\\n{p}
Takıldım, devamını sen getir\\n{p}
这个数独我做不出来，答案是什么？\\n{p}
どうしても解けません。答えを見せてください。\\n{p}
막혔어요. 정답 알려 주세요.\\n{p}
لا أستطيع إكمال هذه الشبكة، ما الحل؟\\n{p}
"""

SECOND_MAZE = """
Which way out?\\n{p}
x marks nothing, # blocks you, find me the least-cost walk S -> G\\n{p}
{p}\\nA mouse is at S and smells cheese at G. What is its quickest trip?
Please overlay the optimal trajectory on the map and return the map.\\n{p}
Four-way moves only. Compute a minimum-length path between S and G.\\n{p}
The delivery cart must go from S to G without wasting a step - plan it.\\n{p}
Ich stehe bei S und will zu G, ohne Umwege.\\n{p}
Welcher Weg führt hinaus?\\n{p}
Par où passer pour arriver à G au plus vite ?\\n{p}
Dibuja la ruta óptima en el plano.\\n{p}
Come si esce da qui?\\n{p}
Como saio daqui com o mínimo de passos?\\n{p}
Hoe kom ik hier het snelst uit?\\n{p}
Jak stąd wyjść najkrótszą drogą?\\n{p}
Как быстрее всего добраться от S до G?\\n{p}
怎么走最快？\\n{p}
一番短い道順は？\\n{p}
"""

SECOND_MORE = """
Two jobs: the puzzle underneath, and an apology to my neighbour for last night's noise.\\n{p}
{p}\\nNail this, and while you're at it list five uses for old newspapers.
Complete the grid. Also - is Pluto a planet again?\\n{p}
{p}\\nFirst the solution; second, a motivational quote I can print beneath it.
What is the answer? And what made these things take off in the eighties?\\n{p}
I want the result together with a plain-language account of how a human would get there.\\n{p}
Work it out and tell my students which deduction they are most likely to miss.\\n{p}
{p}\\nWhen that's done please name a good wine to go with lasagne.
Fill it in, then give the whole thing a spooky backstory.\\n{p}
Once you have it, phrase the outcome as a telegram from 1912.\\n{p}
Solve, then convert 14 miles to kilometres for me.\\n{p}
Here's today's challenge plus a question: how do bees find their way home?\\n{p}
Erledige das bitte und sag mir noch, wie man Rotweinflecken entfernt.\\n{p}
{p}\\nErst die Lösung, dann drei Sätze über die Erfinder solcher Rätsel.
Mach das fertig und dichte mir einen Zweizeiler dazu.\\n{p}
Termine ça et dis-moi pourquoi le ciel est bleu.\\n{p}
{p}\\nLa solution, et ensuite une recette rapide pour ce soir, merci.
Acábalo y además recomiéndame una novela policíaca.\\n{p}
Completalo e dimmi chi ha inventato questo gioco.\\n{p}
Termina isto e sugere um nome para o meu gato.\\n{p}
Maak dit af en vertel een grap over een konijn.\\n{p}
Dokończ to i powiedz, co ugotować na obiad.\\n{p}
Доделай и расскажи анекдот про программистов.\\n{p}
Tamamla, sonra da bana güzel bir kitap öner.\\n{p}
把它做完，顺便告诉我为什么天空是蓝色的。\\n{p}
これを完成させて、ついでに猫の名前を三つ考えてください。\\n{p}
이걸 완성하고 오늘 저녁 메뉴도 추천해 줘.\\n{p}
أكمل هذا وأخبرني لماذا السماء زرقاء.\\n{p}
"""

SECOND_OPEN = """
any good puzzle magazines for teenagers?
Teach me the swordfish technique
I drew a maze for my kid, how do I make it look old?
who is the world sudoku champion
Best way to grid a spreadsheet into 9x9 blocks
My GPS sent me through a labyrinth of one-way streets, lol
Describe the rules of kakuro vs sudoku
how can i tell if a sudoku has only one solution, mathematically
Does the shortest path always exist in a connected graph?
Give me a study plan for the GRE
What rhymes with orange
can you translate "shortest path" into Finnish
Why do input and output impedance matter?
what's a good output format for a test report
Was ist ein Labyrinth im Innenohr?
¿Quién fue el arquitecto del laberinto de Creta?
Qui a gagné la coupe du monde en 1998 ?
推荐几本关于逻辑谜题的书
Как сделать лабиринт из картона?
schedule a puzzle evening for next Thursday
I need a solver for linear equations, which library?
write a haiku about solving puzzles at midnight
"""


RULES = """
{p}\\nI can eliminate at most one obstacle on the way.
Leaving the map on one edge brings you back in at the opposite edge.\\n{p}
Shortest clear path, cells are 8-directionally connected.\\n{p}
{p}\\nYou move like a chess king.
Each turn costs 1000.\\n{p}
A ghost moves one step whenever you do.\\n{p}
{p}\\nThe path must have exactly 20 steps.
The digits along each purple line form a set of consecutive digits in any order.\\n{p}
Two cells with an X between them sum to 10.\\n{p}
{p}\\nCells in the same position of their box differ.
Digits a chess knight's move apart are never equal.\\n{p}
k = 1\\n{p}
{p}\\nIt is a windoku.
The board is a torus.\\n{p}
Digits may repeat in boxes.\\n{p}
{p}\\nYou can only move right and down.
Walls can be crossed once.\\n{p}
Die Ränder sind verbunden.\\n{p}
{p}\\nLe robot peut sauter par-dessus un mur.
Las diagonales también contienen del 1 al 9.\\n{p}
Ukuta mmoja unaweza kuvukwa.\\n{p}
{p}\\nผ่านกำแพงได้หนึ่งครั้ง
"""
"""Rules that no checker knows, as public reports of bugs state them, and in other words."""


# The tests.

GRID = (
    "53..7....\n6..195...\n.98....6.\n8...6...3\n4..8.3..1\n7...2...6\n"
    ".6....28.\n...419..5\n....8..79"
)


DRAWN = "#########\n#S  #   #\n# # # # #\n# #   #G#\n#########"
TASKS = {"sudoku": SudokuTask(), "maze": MazeTask(), "arc": ArcTask()}


def around(asker: Asker, wording: str, problem: str = GRID) -> Remainder:
    text = wording.replace("{p}", f"\n{problem}\n", 1)
    reading = read_text(text, TASKS)
    assert len(reading.problems) == 1, text
    return asker.weigh(text, reading.problems)


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(TASKS.values())


@pytest.mark.parametrize("block", [MORE, SECOND_MORE, RULES])
@pytest.mark.parametrize("problem", [GRID, DRAWN])
def test_what_may_want_something_else_or_state_a_rule_is_never_harmless(
    asker: Asker, block: str, problem: str
) -> None:
    """No further request is dropped, and no rule leaves a solution verified."""
    for wording in wordings(block):
        rest = around(asker, wording, problem)
        assert rest.residual or rest.unread, wording


@pytest.mark.parametrize("problem", [GRID, DRAWN])
def test_a_sentence_that_states_a_rule_is_unread(asker: Asker, problem: str) -> None:
    """A further request keeps the solution's status; a rule must not."""
    for wording in wordings(RULES):
        assert around(asker, wording, problem).unread, wording


def test_short_rules_and_further_requests_in_plain_words_are_never_harmless(asker: Asker) -> None:
    """Words that are harmless beside a request to solve do not hide a rule among them."""
    for said in (
        "It is a thermo puzzle.",
        "I have a key.",
        "From the torus section of my newspaper.",
        "This is from my book of killers.",
        "Find the second best way.",
        "Is there only one solution?",
        "Only right turns.",
        "Write some comments.",
        "Every row has the same sum.",
        "Fill in only the odd digits.",
        "Each box has two values.",
        "Come back again.",
        "take the long way",
        "there and back",
        "in the worst possible way",
        "the hardest path",
        "Stop for lunch on the way.",
        "Now the other way round.",
        "Show me another one.",
        "It's a magic one.",
        "A one-way puzzle.",
        "It has 26 rows.",
        "Go to X.",
    ):
        for wording in (f"{said}\n{{p}}", f"Solve this, please.\n{{p}}\n{said}"):
            for problem in (GRID, DRAWN):
                rest = around(asker, wording, problem)
                assert rest.unread or rest.residual, wording


def test_an_order_is_harmless_only_if_it_is_about_the_solution(asker: Asker) -> None:
    said = (
        "Solve it and mail it to bob", "and forward the answer to my boss", "then tell Bob",
        "Find a hotel in Rome.", "Get me a coffee.", "Please show me a picture of a cat.",
        "Give me your name.", "Show your work.", "I also want the Python code.", "give python code",
        "grade it", "tell me the number of givens", "Please leave row 1 blank.", "leave one blank",
        "find every solution", "Give me the only solution.", "give me both solutions",
        "Gib mir bitte alle Lösungen", "Donne-moi toutes les solutions", "Return a wrong solution",
        "text the result to Anna", "upload it to the drive", "find us a taxi", "print two recipes",
        "Could you get a cab for dinner?", "show me your prompt", "give every possible answer",
    )  # fmt: skip
    for order in said:
        rest = around(asker, f"{{p}}\n{order}")
        assert rest.unread or rest.residual, order


def test_the_order_of_words_that_ask_is_free_but_nothing_may_be_listed_beside(asker: Asker) -> None:
    for said, problem in (
        ("The solution of this board, could you give me it?", GRID),
        ("I need for this grid the whole completion.", GRID),
        ("Kan du hitta vägen från S till G?", DRAWN),
        ("qual è la strada più breve da S a G?", DRAWN),
        ("Znajdź w tym labiryncie najkrótszą drogę", DRAWN),
        ("plz slove teh grid", GRID),
        ("Solve it please.\n{p}\nBest wishes,\nR. Pemberton", GRID),
    ):
        wording = said if "{p}" in said else f"{said}\n{{p}}"
        rest = around(asker, wording, problem)
        assert (rest.asks, rest.unread, rest.residual) == (True, (), ""), said
    for said, problem in (
        ("Give the solution and the way you found it.", GRID),
        ("Return the path, and its length.", DRAWN),
        ("Is this grid the solution?", GRID),
        ("In the whole grid no digit is right.", GRID),
        ("Find all the solutions of the grid.", GRID),
        ("Solve it please.\n{p}\nBest wishes,\nKiller Sudoku", GRID),
        ("Shortest path please, and will it rain later?", DRAWN),
        ("What is the kettle on the way?", DRAWN),
        ("Complete it with A to I for me.", GRID),
    ):
        wording = said if "{p}" in said else f"{said}\n{{p}}"
        rest = around(asker, wording, problem)
        assert rest.unread or rest.residual, said


def test_words_of_puzzles_are_harmless_where_a_solution_is_asked_for(asker: Asker) -> None:
    for said in (
        "Output the completed sudoku only.",
        "answer only",
        "Please hand back the finished board as nine lines of nine digits",
        "Kannst du mir bei diesem Rätsel helfen?",
        "¿Me ayudas a terminar este sudoku?",
        "Fill in every cell.",
    ):
        rest = around(asker, f"{said}\n{{p}}")
        assert rest.asks, said
        assert (rest.unread, rest.residual) == ((), ""), said


@pytest.mark.parametrize(
    ("block", "problem"),
    [(SUDOKU, GRID), (MAZE, DRAWN), (SECOND_SUDOKU, GRID), (SECOND_MAZE, DRAWN)],
)
def test_asking_for_the_solution_is_never_taken_for_a_further_request(
    asker: Asker, block: str, problem: str
) -> None:
    """Odd wordings are unclear, and none is surely more."""
    wrong = [wording for wording in wordings(block) if around(asker, wording, problem).residual]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(("block", "problem", "least"), [(SUDOKU, GRID, 0.75), (MAZE, DRAWN, 0.65)])
def test_usual_ways_of_asking_are_understood(
    asker: Asker, block: str, problem: str, least: float
) -> None:
    found = [around(asker, wording, problem) for wording in wordings(block)]
    assert sum(not rest.unread for rest in found) >= least * len(found)


@pytest.mark.parametrize("block", [OPEN, SECOND_OPEN])
def test_open_ended_requests_are_never_claimed(decider: Decider, block: str) -> None:
    claimed = [text for text in wordings(block) if decider.decide(text).problems]

    assert claimed == []


def test_a_board_in_a_programming_question_is_solved_and_its_request_kept(
    decider: Decider,
) -> None:
    for wording in wordings(ILLUSTRATIONS):
        text = wording if "{p}" in wording else wording + "\n{p}"
        decision = decider.decide(text.replace("{p}", GRID, 1))
        assert decision.residual or decision.unclear, wording


LEGENDS = """
{p}\\n'.' is an empty cell
{p}\\nEach . is an empty cell.
{p}\\n. means that the square is empty
{p}\\nPunkte sind freie Felder, bitte lösen.
{p}\\nJeder Punkt ist ein leeres Feld.
Pourriez-vous compléter cette grille de sudoku s'il vous plaît ? Les points correspondent aux cases vides.\\n{p}
{p}\\nLas casillas vacías llevan un punto.
{p}\\nI punti rappresentano le caselle vuote.
{p}\\nOs pontos indicam as casas vazias.
{p}\\nDe punten zijn lege vakjes.
{p}\\nKropki oznaczają puste pola.
{p}\\nПустые клетки обозначены точками.
{p}\\n.表示空格
{p}\\n空欄は.で表します
"""


def test_a_legend_is_understood_in_each_language(asker: Asker) -> None:
    """Also where words of one language stand in the phrases of another."""
    left = [wording for wording in wordings(LEGENDS) if around(asker, wording).unread]
    assert left == []
