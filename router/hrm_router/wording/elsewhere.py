# ruff: noqa: E501
"""What stands around a problem in languages other than English; see `english.py`.

One entry for each language: what asks for the solution, what frames the
problem, what wants something else, and what joins two clauses.
"""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """The grammar of one language; lines as in `english.py`."""

    ask: str
    frame: str
    extra: str
    joints: tuple[str, ...]


LANGUAGES: dict[str, Language] = {
    "de": Language(
        """
[was|welche Zahlen|welche Ziffern] [gehört|gehören|kommt|kommen|fehlen] [in die freien Kästchen|in die leeren Kästchen|in die Felder|hier|noch]
[nur|bitte nur] das [Endergebnis|Ergebnis|fertige Gitter] [bitte|]
[mach|mache|bring] [du|bitte|] [das|es|den Rest] [fertig|zu Ende|für mich]
[ich bräuchte|ich suche|ich wünsche mir] die [komplette|vollständige|ganze] [Auflösung|Lösung|Antwort]
[welcher Weg|wo geht es|wie kommt man] [führt|geht es|am besten] [hinaus|heraus|raus|ins Ziel]
[zeig|sag] mir [bitte|] [die Auflösung|wie es ausgeht|den Weg hinaus|das Ergebnis]
[bitte|] [löse|löst|lös|vervollständige|ergänze|knacke|bearbeite] [bitte|] [das|dieses|dies|es|das Rätsel|das Sudoku|das Gitter|das Labyrinth|diese Aufgabe|beide|alle] [für mich|bitte|]
[kannst|könntest|würdest] du [mir|] [bitte|] [das|dieses Sudoku|dieses Rätsel|dabei|bei diesem Labyrinth|bei dieser Aufgabe|es] [lösen|helfen|fertig machen|vervollständigen|fertigstellen|zu Ende bringen]
[fülle|füll|trage|ergänze] [bitte|] [die leeren Felder|die Lücken|die fehlenden Zahlen|die fehlenden Ziffern] [aus|ein|]
[wie|was] [lautet|ist] die [Lösung|Antwort|Ausgabe|richtige Lösung] [dazu|hierzu|davon|]
[finde|suche|zeige|zeichne|markiere|gib mir] [mir|bitte|] [den|einen] [kürzesten|schnellsten|besten] [Weg|Pfad|Ausweg] [durch das Labyrinth|von S nach G|zum Ziel|zum Ausgang|ein|]
wie komme ich [am schnellsten|] [von S nach G|zum Ausgang|ans Ziel|hier heraus]
[gib|schreib|antworte] [nur|mir nur|] [die Lösung|die Ziffern|das Gitter|das Ergebnis|den Weg] [aus|ohne Erklärung|als 81 Ziffern|zurück]
[ich hänge fest|ich komme nicht weiter|ich schaffe es nicht|ich brauche Hilfe|Hilfe|ich bitte um die Lösung]
[sage|bestimme|leite] [die Testausgabe|die Regel|das letzte Gitter] [voraus|ab|her] [und wende sie an|]
wie viele [Schritte|Züge] braucht der kürzeste Weg
[ich hätte gern|ich möchte|ich brauche|nenne mir] [die|] [vollständige|ganze|] [Lösung|fertige Tabelle|fehlende Ausgabe]
""",
        """
[ich habe|wir haben|hab] [es|das|das Sudoku|das Gitter] [von einer Webseite|aus einer Tabelle|aus Excel|aus der Zeitung|von einem Foto] [kopiert|exportiert|abgeschrieben|abgetippt]
[der|die|das|unser|unsere] [Zug|Reise|Haus|Garten|Museum|Konzert|Wetter] [in Berlin|gestern|] [war|ist|wurde] [schön|alt|zu teuer|voll|wieder offen|besser als letztes Jahr]
[wir|ich|sie|meine Tante] [haben|habe|hat] [gestern|letzten Sommer|im Urlaub|] [ein Buch|das Haus|den Zug|viele Leute|einen Zettel] [gekauft|gesehen|verpasst|getroffen|gefunden]
[ich gebe auf|ich geb's auf|ich komme nicht drauf|keine Ahnung mehr|mir fehlt der Ansatz|ich stehe auf dem Schlauch]
[guten Abend|viele Grüße|liebe Grüße|mit freundlichen Grüßen|schönen Tag noch]
[anbei|im Anhang|nachfolgend|untenstehend] [das Zahlenrätsel|mein Gitter|der Plan] [von heute|]
ich stehe [bei S|am Eingang|in der Ecke] und [will|muss|möchte] [zu G|zum Ausgang|ins Ziel], ohne Umwege
[hallo|guten Morgen|guten Tag|moin|liebes Team|servus]
[danke|danke schön|vielen Dank|besten Dank|danke im Voraus]
[hier|hier ist|hier kommt|das ist|unten steht|ich habe hier] [das|ein|mein] [Sudoku|Rätsel|Labyrinth|Gitter|Beispiel] [aus der Zeitung|von gestern|von heute|aus der App|]
[Punkte|Nullen|Unterstriche|Striche] [sind|bedeuten|stehen für] [leere Felder|Lücken|freie Zellen]
[Rauten|#] [sind|ist] [Wände|eine Wand] [, S ist der Start und G das Ziel|]
[ich sitze|ich hänge|wir sitzen] [seit einer Stunde|schon ewig|seit gestern] [daran|fest|davor]
[jede|in jeder] Zeile, Spalte und [jeder|jedem] Block [stehen|müssen] die Ziffern 1 bis 9 [genau einmal|stehen]
[es gelten|] die üblichen Regeln
[mein Bruder|meine Kollegin|mein Opa] [meint|sagt], [es sei unlösbar|das sei leicht]
""",
        """
[sag|verrate|erzähl] mir [noch|auch|bitte|] [wie man Rotweinflecken entfernt|wer das erfunden hat|warum der Himmel blau ist|einen Witz|was das bedeutet]
[drei|zwei|ein paar] [Sätze|Zeilen|Fakten] über [die Erfinder|solche Rätsel|die Geschichte|Euler|das Wetter]
[dichte|reime] mir [einen Zweizeiler|etwas] [dazu|]
[empfiehl|nenn] mir [einen Wein|ein Buch|einen Film|ein Rezept] [zu Lasagne|für heute Abend|]
[erkläre|erklär|beschreibe|begründe] [mir|bitte|meiner Oma|einem Kind|] [die dritte Zeile|den ersten Schritt|die Regel|den Weg|deine Strategie|wie du vorgegangen bist|wie man anfängt]
[schreib|schreibe|verfasse|dichte|entwirf|formuliere] [mir|bitte|] [ein Gedicht|einen Vierzeiler|einen Limerick|eine kurze Geschichte|eine E-Mail|einen Brief|eine Einleitung|einen Witz|ein Märchen] [darüber|über Geduld|an meinen Chef|für meine Tochter|zum Ergebnis|]
[was|welches Gericht] [koche ich|soll ich|kann ich] [heute Abend|morgen|am Sonntag] [für vier Personen|kochen|anziehen|]
[warum|wieso|weshalb] [ist|sind|gilt] [das|Sudoku|der Himmel|es] [so beliebt|so schwer|blau|so alt]
[nenne|nenn|empfiehl|gib] mir [drei|ein paar|zwei] [Tipps|Bücher|Gründe|Techniken|Hinweise]
[übersetze|übersetz] [das|die Erklärung|den Text|die Anleitung] ins [Englische|Spanische|Französische]
[welches|welche] ist [am schwersten|schwerer|schwieriger|leichter]
[wer|wann|wo] [hat|wurde] [das erfunden|Sudoku erfunden|gewonnen]
[vergleiche|bewerte|beurteile] [die Schwierigkeit|es mit einem Kreuzworträtsel|das Rätsel]
[fasse|erzähle] [die Geschichte der Labyrinthe|einen Witz|etwas über Euler|einen Fun Fact] [zusammen|]
schlage [einen Titel|einen Namen] [für ein Buch|dafür|] vor
""",
        (" und ", ", dann ", " und danach ", ". Außerdem: ", " sowie "),
    ),
    "fr": Language(
        """
[quels|quel] [chiffres|nombres|numéro] [manquent|faut-il mettre|vont dans les cases|manque] ?
[par où|où] [passer|aller|sortir] [pour arriver à G|au plus vite|] ?
la [solution|réponse|grille remplie], [svp|s'il te plaît|merci]
[donne|montre]-moi [le résultat|la fin|la grille terminée|le chemin]
[j'aimerais|je voudrais] [voir|avoir|connaître] [la solution complète|le résultat|la grille finie]
[résous|résolvez|complète|complétez|termine|finis|trouve] [ceci|cela|ce sudoku|cette grille|ce labyrinthe|ce problème|ça|la suite|les deux] [s'il te plaît|s'il vous plaît|pour moi|]
[peux-tu|pouvez-vous|pourrais-tu|tu peux] [m'aider à|] [résoudre|finir|compléter|terminer|faire] [ceci|cette grille|ce sudoku|ce labyrinthe|le]
[remplis|remplissez|complète|ajoute] les [cases vides|cases manquantes|chiffres manquants|trous|blancs]
[quelle est|donne|donne-moi|je voudrais|j'aimerais|il me faut] la [solution|réponse|grille complète|sortie] [complète|de ce problème|]
[trouve|trouvez|trace|indique|montre] [moi|] le [chemin|trajet|parcours] [le plus court|optimal] [entre S et G|de S à G|jusqu'à la sortie|]
comment [aller de S à G|sortir de ce labyrinthe|atteindre l'arrivée] [en un minimum de pas|au plus vite|]
[réponds|renvoie|donne] [uniquement|seulement] [la solution|la grille|les chiffres|le chemin] [sans explication|]
[je suis bloqué|je n'y arrive pas|aide-moi|au secours|besoin d'aide] [sur cette grille|]
[prédis|déduis] [la sortie du test|la règle et applique-la|la dernière grille]
""",
        """
[je l'ai|j'ai] [copié|exporté|recopié|pris] [le sudoku|la grille|] [d'un site|depuis un tableur|d'Excel|du journal|d'une photo]
[le|la|notre|ce] [train|maison|voyage|musée|jardin|concert] [à Paris|hier|] [était|est|semble] [beau|vieux|trop cher|fermé|plein de monde]
[nous avons|j'ai|elle a|mon oncle a] [trouvé|acheté|visité|perdu|vu] [un livre|la maison|ce papier|des amis|un vieux journal] [hier|l'été dernier|]
[je sèche|je bloque|j'abandonne|je cale] [sur cette grille|depuis ce matin|là-dessus|]
[bonne journée|cordialement|bien à vous|bonne soirée]
je suis [à l'entrée|en S] et [je veux|je dois] [sortir|aller en G]
[bonjour|salut|bonsoir|coucou]
[merci|merci d'avance|merci beaucoup]
[voici|voilà|c'est|j'ai] [ma grille|le sudoku|un labyrinthe|le problème|un casse-tête] [du jour|du journal|de sudoku|]
les [zéros|points|tirets] [sont|représentent] [les cases vides|des vides]
# [est un mur|désigne les murs], S [le départ|est le départ] et G [l'arrivée|la sortie]
chaque ligne, colonne et bloc contient les chiffres de 1 à 9
""",
        """
[dis|explique]-moi [pourquoi le ciel est bleu|qui a inventé ce jeu|comment enlever une tache|ce que cela veut dire]
[ensuite|et aussi|et ensuite] [une recette rapide|un poème|une blague|un conseil de lecture] [pour ce soir|pour ma fille|]
[recommande|conseille]-moi [un livre|un film|un vin]
[explique|expliquez|décris|raconte|justifie] [moi|à un enfant|à ma grand-mère|en une phrase|] [la troisième ligne|la méthode employée|la règle|le chemin|la première étape|comment tu as fait|ta stratégie]
[écris|rédige|compose|invente] [moi|] [un poème|un haïku|une histoire|un petit mot|une lettre|un courriel|une introduction|une chanson] [sur le résultat|pour mon patron|sur la patience|à ce sujet|pour ma fille|]
[raconte|dis] [moi|à ma fille|] une [blague|anecdote|histoire]
[pourquoi|comment] [est-ce|est-il|le sudoku est-il] [si populaire|si difficile|appelé ainsi]
[donne|propose|cite|recommande] [moi|] [trois|deux|quelques] [conseils|livres|astuces|titres|raisons]
traduis [l'explication|les instructions|le texte] en [anglais|espagnol|allemand]
[lequel|laquelle] est [le plus difficile|la plus difficile|plus facile]
que [cuisiner|faire à manger|porter] [ce soir|demain] [pour quatre personnes|]
[compare|résume|évalue] [la difficulté|l'histoire des labyrinthes|avec un test de QI]
qui a inventé [ça|le sudoku]
""",
        (" et ", " puis ", ", puis ", ". Ensuite, ", " et aussi "),
    ),
    "es": Language(
        """
[qué|cuáles] números [van en los huecos|faltan|pongo|son]
[me lo|me la|lo|la] [acabas|terminas|resuelves|completas|haces]
[dibuja|marca|traza|pinta] [la ruta óptima|el recorrido|la salida] [en el plano|]
[por dónde|cómo] [salgo|se sale|voy] [de aquí|más rápido|]
[acábalo|complétalo|resuélvelo|termínalo|hazlo] [por favor|]
[resuelve|resuélveme|completa|termina|acaba|soluciona] [esto|este sudoku|esta cuadrícula|el laberinto|este problema|el rompecabezas|lo|ambos] [por favor|]
[puedes|podrías|me ayudas a] [resolver|terminar|completar|acabar|solucionar] [esto|este sudoku|este laberinto|lo] [por mí|por favor|]
[rellena|completa|llena|pon] [las casillas vacías|los huecos|los números que faltan|los espacios en blanco]
[cuál es|dame|quiero|necesito|muéstrame] la [solución|respuesta|cuadrícula completa|salida] [completa|de esto|]
[encuentra|halla|busca|traza|marca] [el|] [camino|recorrido|ruta] más [corto|corta|rápido] [de S a G|hasta la salida|]
cómo [llego|salgo|voy] [a la meta|de S a G|del laberinto] [en menos pasos|]
[responde|devuelve|dame] [solo|solamente|únicamente] [la solución|la cuadrícula|los dígitos] [sin explicación|]
[estoy atascado|no puedo con él|ayúdame|necesito ayuda] [con este|]
[deduce|predice] [la regla y aplícala|la salida de la prueba|la última cuadrícula]
""",
        """
[lo he|he|lo] [copiado|exportado|sacado] [el sudoku|la cuadrícula|] [de una web|de una hoja de cálculo|de Excel|del periódico|de una foto]
[el|la|nuestro|ese] [tren|casa|viaje|museo|jardín|concierto] [en Madrid|ayer|] [estaba|era|parece] [bonito|viejo|muy caro|cerrado|lleno de gente]
[hemos|he|ella ha|mi tío ha] [encontrado|comprado|visitado|perdido|visto] [un libro|la casa|este papel|a unos amigos] [ayer|el verano pasado|]
tengo [este pasatiempo|este sudoku|esto] a medias
[no me sale|me rindo|no puedo más|me he quedado atascado]
[saludos|un saludo|que tengas buen día]
[hola|buenos días|buenas tardes|buenas]
[gracias|muchas gracias|gracias de antemano]
[aquí está|este es|tengo|aquí va] [mi sudoku|un laberinto|el problema|la cuadrícula] [del periódico|de hoy|]
los [puntos|ceros] [son|significan] [casillas vacías|huecos]
# [es pared|son paredes], S [es la salida|el inicio] y G [la meta|es la meta]
cada fila, columna y caja contiene los dígitos del 1 al 9
""",
        """
[recomiéndame|sugiéreme|dime] [una novela policíaca|un libro|una película|un vino|qué cenar]
[además|también] [recomiéndame|cuéntame|explícame] [algo|un libro|un chiste|por qué el cielo es azul]
[dime|explica] por qué [el cielo es azul|es tan famoso|los gatos ronronean]
[explica|explícame|explícale|describe|justifica] [a un niño|a mi abuela|en una frase|] [la segunda fila|la tercera fila|el método|la regla|el camino|cómo lo hiciste|el primer paso|la estrategia]
[escribe|escríbeme|redacta|inventa|compón] [un poema|un cuento|una carta|un correo|una introducción|un chiste|una canción] [sobre el resultado|sobre la paciencia|para mi jefe|para mi hija|]
[cuéntame|dime|cuenta] un [chiste|cuento|dato curioso] [sobre matemáticos|sobre gatos|]
[por qué|quién] [es tan popular|inventó el sudoku|es tan difícil|lo inventó]
[dame|recomiéndame|sugiere] [tres|dos|algunos] [consejos|libros|trucos|títulos]
traduce [la explicación|las instrucciones|el texto] al [inglés|francés]
cuál es [el más difícil|la más fácil|más difícil]
qué [cocino|ceno|me pongo] [esta noche|mañana] [para cuatro|]
[un resumen de|resume|compara] [la historia de los laberintos|la dificultad|el sudoku con el ajedrez]
""",
        (" y ", " y luego ", ", después ", ". Además, ", " y también "),
    ),
    "it": Language(
        """
[mi|me lo] [completi|risolvi|finisci|dai] [il sudoku|lo schema|la soluzione|questo]
[come|da dove] si [esce|passa|arriva] [da qui|al traguardo|]
[completalo|risolvilo|finiscilo|terminalo] [per favore|]
quali [numeri|cifre] [mancano|vanno nelle caselle]
[risolvi|risolvimi|completa|finisci|termina] [questo|questo sudoku|questo schema|il labirinto|lo schema|la griglia|il problema|entrambi] [per favore|per me|]
[puoi|potresti|riesci a|mi aiuti a] [risolvere|finire|completare|risolverlo] [questo|questo sudoku|lo schema|questo labirinto|]
[mi|] [completi|riempi|completa|compili|inserisci] [le caselle vuote|i numeri mancanti|gli spazi vuoti|le celle vuote]
[qual è|dammi|mi dai|vorrei|mi serve] la [soluzione|risposta|griglia completa]
[trova|traccia|mostrami] il [percorso|cammino] più [breve|corto] [da S a G|fino all'uscita|]
come [arrivo|esco|vado] [da S a G|dal labirinto|al traguardo] [con meno passi|]
[rispondi solo con|restituisci solo|dammi solo] [la soluzione|la griglia|le cifre]
[deduci|prevedi] [la regola e applicala|l'uscita del test|l'ultima griglia]
""",
        """
[l'ho|ho] [copiato|esportato|preso|trascritto] [il sudoku|la griglia|il labirinto|] [da un sito|dal foglio di calcolo|da Excel|dal giornale|da una foto]
[non ne vengo a capo|mi arrendo|sono bloccato|non ci riesco]
[saluti|cordiali saluti|buona giornata]
[ciao|buongiorno|salve|buonasera]
[grazie|grazie mille|grazie in anticipo]
[ecco|questo è|ho qui] [il sudoku|un labirinto|lo schema|il problema] [di oggi|del giornale|]
i [punti|zeri] [sono|indicano] [caselle vuote|le celle vuote]
# [è un muro|sono muri], S [è la partenza|l'inizio] e G [l'arrivo|il traguardo]
""",
        """
dimmi [chi ha inventato questo gioco|perché il cielo è blu|cosa cucinare|una curiosità]
[consigliami|suggeriscimi] [un libro|un film|un vino|una ricetta]
[spiega|spiegami|descrivi] [a un principiante|a un bambino|a mia nonna|in una frase|] [la terza riga|come ci sei arrivato|il metodo|la regola|il percorso|il primo passo]
[scrivi|scrivimi|componi|inventa] [una poesia|una filastrocca|un racconto|una lettera|un'e-mail|un'introduzione|una canzone] [sul risultato|sulla pazienza|per il mio capo|]
[raccontami|dimmi] una [barzelletta|storia|curiosità]
[perché|chi] [è così popolare|ha inventato il sudoku|è così difficile]
[dammi|consigliami|suggerisci] [tre|due|alcuni] [consigli|libri|trucchi|titoli]
traduci [la spiegazione|le istruzioni|il testo] in [inglese|francese]
qual è [il più difficile|più facile]
cosa [cucino|mangio|mi metto] [stasera|domani]
[riassumi|confronta] [la storia dei labirinti|la difficoltà]
""",
        (" e ", " e poi ", ", poi ", ". Inoltre, ", " e anche "),
    ),
    "pt": Language(
        """
[quais|que] números [faltam aqui|vão nas casas|faltam]
como [saio|se sai] daqui [com o mínimo de passos|mais depressa|]
[termina|completa|resolve]-o [por favor|]
[resolve|resolva|completa|complete|termina|termine] [isto|isso|este sudoku|a grelha|o labirinto|este problema|o quebra-cabeça|ambos] [por favor|para mim|]
[podes|pode|consegues|você pode|poderia] [resolver|terminar|completar] [isto|este sudoku|este labirinto|isso] [para mim|por favor|]
[preenche|preencha|completa] [as células vazias|os espaços em branco|os números que faltam|as casas vazias]
[qual é|dá-me|quero|preciso de|me dê] a [solução|resposta|grelha completa]
[encontra|encontre|ache|traça] o caminho mais [curto|rápido] [de S a G|neste labirinto|até à saída|]
como [chego|saio|vou] [de S a G|do labirinto|à meta]
[responde|devolva|dá] [só|apenas|somente] [a solução|a grelha|os dígitos]
""",
        """
[eu|] [copiei|exportei|tirei] [o sudoku|a grelha|a grade|] [de um site|de uma planilha|do Excel|do jornal|de uma foto]
[desisto|estou preso|não consigo acabar|não me sai]
[cumprimentos|um abraço|bom dia para ti]
[olá|bom dia|boa tarde|oi]
[obrigado|obrigada|muito obrigado|desde já obrigado]
[aqui está|este é|tenho] [o sudoku|um labirinto|o problema|a grelha] [de hoje|do jornal|]
os [pontos|zeros] são [casas vazias|células vazias]
# [é parede|são paredes], S [é o início] e G [a meta|o fim]
""",
        """
[sugere|recomenda|diz-me] [um nome para o meu gato|um livro|um filme|porque o céu é azul|uma receita]
[explica|explique|descreve] [a uma criança|à minha avó|numa frase|] [a terceira linha|o método|a regra|o caminho|como fizeste|o primeiro passo]
[escreve|escreva|redige|inventa] [um poema curto|um poema|uma história|uma carta|um e-mail|uma introdução|uma canção] [sobre a chuva|sobre o resultado|para o meu chefe|]
[conta-me|diz-me|conte] uma [piada|história|curiosidade]
[por que|quem] [é tão popular|inventou o sudoku|é tão difícil]
[dá-me|recomende|sugere] [três|duas|algumas] [dicas|livros|títulos]
traduz [a explicação|as instruções] para [inglês|francês]
qual é [o mais difícil|o mais fácil]
o que [cozinho|faço|visto] [hoje à noite|amanhã]
[resume|compare] [a história dos labirintos|a dificuldade]
""",
        (" e ", " e depois ", ", depois ", ". Além disso, ", " e também "),
    ),
    "nl": Language(
        """
[maak|los] dit [af|op] [alsjeblieft|]
hoe kom ik hier [het snelst|] [uit|weg]
[welke|wat voor] [cijfers|getallen] [ontbreken|moeten hier|horen in de vakjes]
[los|maak] [dit|deze sudoku|deze puzzel|dit doolhof|het|deze opgave] [op|af] [alsjeblieft|voor mij|]
[kun|kan|zou] je [deze sudoku|dit|deze puzzel|het] [voor me|] [oplossen|afmaken|invullen]
vul de [lege vakjes|lege cellen|ontbrekende cijfers] in [alsjeblieft|]
[wat is|geef|geef me|ik wil] de [oplossing|uitkomst|volledige oplossing]
[vind|zoek|teken|toon|wat is] de kortste [route|weg] [van S naar G|naar de uitgang|]
hoe kom ik [het snelst|] [van S naar G|bij de uitgang]
geef alleen [de oplossing|het rooster|de cijfers]
""",
        """
[ik heb|we hebben] [het|de sudoku|het rooster] [van een website|uit een spreadsheet|uit Excel|uit de krant|van een foto] [gekopieerd|geëxporteerd|overgenomen]
[ik kom er niet uit|ik zit vast|ik geef het op|ik loop vast]
[groetjes|met vriendelijke groet|fijne dag]
[hallo|hoi|goedemorgen|dag]
[bedankt|dank je wel|alvast bedankt]
[hier is|dit is|ik heb] [mijn|een|de] [sudoku|puzzel|doolhof] [uit de krant|van vandaag|]
[punten|nullen] zijn lege vakjes
""",
        """
[vertel|geef] [me|] [een grap|een mop|een recept|een leuk feitje] [over een konijn|voor vanavond|]
[zeg|vertel] me waarom [de lucht blauw is|katten spinnen]
[leg|leg me] [daarna|] [aan een kind|aan mijn oma|] [de derde rij|de methode|de regel|de eerste stap] uit
leg [daarna|dan|] uit hoe je [begonnen bent|het deed|dat vond]
[schrijf|maak|verzin] [een kort gedicht|een gedicht|een verhaal|een brief|een mail|een inleiding|een grap] [voor mijn moeder|over geduld|over het resultaat|]
[waarom|wie] [is het zo populair|heeft sudoku uitgevonden|is dit zo moeilijk]
[geef|noem] [me|] [drie|een paar] [tips|boeken|redenen]
vertaal [de uitleg|de tekst] naar het [Engels|Frans]
welke is [het moeilijkst|makkelijker]
wat [eten we|kook ik|moet ik koken] [vanavond|morgen]
""",
        (" en ", " en daarna ", ", dan ", ". Daarnaast: "),
    ),
    "pl": Language(
        """
[pomożesz|pomóż] [dokończyć|rozwiązać|mi|] [to|]
[jakich|które] [cyfr|liczb] brakuje
jak [stąd|] [wyjść|dojść do celu] [najkrótszą drogą|najszybciej|]
[dokończ|zrób] to [proszę|]
[rozwiąż|dokończ|uzupełnij|ukończ] [proszę|] [to|to sudoku|tę łamigłówkę|ten labirynt|siatkę|to zadanie] [proszę|dla mnie|]
[czy możesz|możesz|mógłbyś] [rozwiązać|dokończyć|uzupełnić] [to|to sudoku|ten labirynt]
[uzupełnij|wpisz|wypełnij] [brakujące cyfry|puste pola|puste kratki]
[jakie jest|podaj|pokaż|potrzebuję] [rozwiązanie|rozwiązania|odpowiedź]
znajdź najkrótszą [drogę|trasę|ścieżkę] [z S do G|do wyjścia|]
[podaj|zwróć] tylko [rozwiązanie|siatkę|cyfry]
""",
        """
[skopiowałem|wyeksportowałam|przepisałem|wziąłem] [to|sudoku|diagram|] [ze strony|z arkusza|z Excela|z gazety|ze zdjęcia]
[utknąłem|utknęłam|poddaję się|nie daję rady]
pozdrawiam
[cześć|dzień dobry|witam|hej]
[dziękuję|dzięki|z góry dziękuję]
[oto|to jest|mam] [sudoku|labirynt|zadanie|łamigłówka] [z gazety|na dziś|]
[kropki|zera] to puste pola
""",
        """
[powiedz|doradź|podpowiedz] [mi|] [co ugotować na obiad|dlaczego niebo jest niebieskie|żart|jaką książkę przeczytać]
[wyjaśnij|wytłumacz|opisz] [dziecku|mojej babci|w jednym zdaniu|] [trzeci wiersz|regułę|metodę|pierwszy krok|jak to zrobiłeś]
[napisz|ułóż|wymyśl] [krótki wierszyk|wiersz|opowiadanie|list|maila|żart] [o kotach|o cierpliwości|do szefa|]
[dlaczego|kto] [jest tak popularne|wymyślił sudoku|jest takie trudne]
[podaj|poleć] [trzy|kilka] [wskazówki|książki|porad]
przetłumacz [wyjaśnienie|tekst] na [angielski|niemiecki]
które jest [najtrudniejsze|łatwiejsze]
co [ugotować|zjeść] [dziś wieczorem|jutro]
""",
        (" i ", ", a potem ", ", potem ", " oraz "),
    ),
    "cs": Language(
        """
[vyřeš|dokonči|doplň|vyluští] [prosím|] [to|toto sudoku|tuto hádanku|toto bludiště|mřížku] [prosím|]
[můžeš|mohl bys] [vyřešit|dokončit|doplnit] [to|toto sudoku|tohle]
doplň [chybějící číslice|prázdná pole]
[jaké je|ukaž|dej mi] řešení
najdi nejkratší cestu [z S do G|k východu|]
""",
        """
[zkopíroval jsem|exportovala jsem|opsal jsem] [to|sudoku|mřížku|] [z webu|z tabulky|z Excelu|z novin|z fotky]
[ahoj|dobrý den]
[díky|děkuji|předem děkuji]
[tady je|mám] [sudoku|bludiště|úloha] [z novin|]
[tečky|nuly] jsou prázdná pole
""",
        """
[vysvětli|popiš] [dítěti|babičce|] [třetí řádek|pravidlo|postup|první krok]
[napiš|vymysli|slož] [krátkou básničku|báseň|příběh|dopis|e-mail|vtip] [o psovi|o trpělivosti|]
[proč|kdo] [je tak oblíbené|vymyslel sudoku]
[přelož|shrň] [vysvětlení|text] [do angličtiny|]
co [uvařit|vařit] [dnes večer|zítra]
""",
        (" a ", " a potom ", ", pak "),
    ),
    "sv": Language(
        """
[lös|løs|fyll i|gör klart|fullfør|færdiggør] [det här|denna|dette|den här|det|dette sudokuet|labyrinten] [sudokut|pusslet|åt mig|tack|]
[kan du|kunne du] [lösa|løse|avsluta|fylla i|hjelpe meg med] [det här|det här sudokut|denne|dette]
[fyll i|udfyld|fyll ut] [de tomma rutorna|siffrorna som saknas|de tomme felter|de tomme rutene]
[vad är|hva er|hvad er|ge mig|vis mig] [lösningen|løsningen|svaret]
[hitta|finn|find] [den kortaste vägen|den korteste veien|den korteste vej] [från S till G|fra S til G|]
""",
        """
[jag|vi] [kopierade|exporterade|skrev av] [det|sudokut|rutnätet|] [från en webbplats|från ett kalkylblad|från Excel|ur tidningen|från ett foto]
[hej|hallo|god morgon|hei]
[tack|takk|tak|tusen takk]
[här är|her er|jag har] [ett sudoku|en labyrint|dagens pussel|en sudoku]
[punkter|nollor] [är|er] [tomma rutor|tomme felter]
""",
        """
[förklara|forklar|beskriv] [för ett barn|for et barn|min mormor|] [den tredje raden|regeln|metoden|tredje række|det første trinnet]
[skriv|dikta|hitta på] [sedan|så|] [en vers|en dikt|et digt|en historia|ett brev|en e-post|et brev|en vits] [om tålamod|om katter|till min chef|]
[varför|hvorfor|vem|hvem] [är det så populärt|er det så populært|uppfann sudoku|opfandt sudoku]
[ge|gi|giv] mig [tre|några|noen] [tips|böcker|råd]
[översätt|oversett|oversæt] [förklaringen|texten|teksten] till engelska
vad ska jag [laga|äta] [i kväll|i morgon]
""",
        (" och ", " och sedan ", " og ", " og så ", ", sedan "),
    ),
    "ru": Language(
        """
какие [цифры|числа] [должны стоять|пропущены|идут] [в пустых клетках|]
как [быстрее всего|] [добраться|пройти|выбраться] [от S до G|отсюда|]
[доделай|дорешай|закончи] [это|за меня|]
[покажи|скажи] [ответ|чем кончится|итог]
[реши|решите|разгадай|доделай|заполни|закончи] [пожалуйста|] [это|судоку|этот лабиринт|эту головоломку|сетку|задачу|эту сетку] [пожалуйста|]
[можешь|можете|помоги|помогите] [решить|закончить|заполнить|доделать] [это|это судоку|головоломку|пустые клетки]
[заполни|впиши|дополни] [пустые клетки|пропущенные цифры|пропуски]
[какое|дай|покажи|нужно|найди] [решение|ответ|полное решение]
[найди|покажи|проложи] кратчайший путь [из S в G|от S до G|к выходу|]
как [выйти|дойти|добраться] [из S в G|из лабиринта|до цели]
[выведи|верни|напиши] только [решение|ответ|сетку|цифры]
""",
        """
[я|мы] [скопировал|скопировала|экспортировал|переписал] [это|судоку|сетку|] [с сайта|из таблицы|из Excel|из газеты|с фотографии]
[я застрял|я сдаюсь|не получается|никак не могу решить]
[с уважением|всего доброго]
[привет|здравствуйте|добрый день|доброе утро]
[спасибо|заранее спасибо|большое спасибо|благодарю]
[вот|это|у меня есть] [судоку|лабиринт|головоломка|задача] [из газеты|на сегодня|]
[точки|нули] [это|означают|—] пустые клетки
# стена, S начало, G конец
""",
        """
[расскажи|скажи|подскажи] [анекдот про программистов|почему небо голубое|что приготовить|хорошую книгу]
[объясни|объясните|опиши] [ребёнку|бабушке|одним предложением|] [третью строку|правило|метод|первый шаг|как ты это сделал|путь]
[напиши|сочини|придумай|составь] [короткое|] [стихотворение|стих|рассказ|письмо|сказку|шутку|вступление] [о терпении|начальнику|про кота|]
[почему|кто] [это так популярно|придумал судоку|небо голубое]
[дай|посоветуй|назови] [три|пару|несколько] [совета|книги|причины|советов]
переведи [объяснение|текст] на [английский|немецкий]
[какая|какой|что] [сложнее|самый трудный|легче]
что [приготовить|надеть] [сегодня вечером|завтра|на ужин]
[расскажи|сравни] [анекдот|об истории лабиринтов|сложность]
""",
        (" и ", ", а затем ", ", потом ", ". Затем ", " и ещё "),
    ),
    "uk": Language(
        """
[розв'яжи|заверши|заповни] [будь ласка|] [це|це судоку|лабіринт|головоломку]
[знайди|покажи] [розв'язок|найкоротший шлях] [з S до G|]
заповни порожні клітинки
""",
        "[я|ми] [скопіював|скопіювала|експортував|переписав] [це|судоку|сітку|] [із сайту|з таблиці|з Excel|з газети|з фото]\n[привіт|дякую|добрий день|ось судоку|крапки це порожні клітинки]",
        """
[поясни|опиши] [дитині|бабусі|] [третій рядок|правило|метод]
[напиши|склади] [вірш|оповідання|листа] [про терпіння|начальнику|]
""",
        (" і ", " та ", ", потім "),
    ),
    "tr": Language(
        """
[devamını|gerisini] sen [getir|tamamla|yap]
buradan [nasıl çıkarım|en hızlı nasıl çıkılır]
hangi rakamlar eksik
[bunu|bu sudokuyu|bu bulmacayı|bu labirenti|şunu] [çöz|çözer misin|çözebilir misin|tamamla|bitir] [lütfen|]
[boş kutuları|eksik rakamları|boşlukları] [doldur|tamamla] [lütfen|]
[çözümü|cevabı|sonucu] [ver|göster|nedir|yaz]
[S'den G'ye|çıkışa giden] en kısa yolu [bul|göster|çiz]
sadece [çözümü|sonucu] [ver|yaz]
""",
        """
[bunu|sudokuyu|tabloyu] [bir siteden|bir tablodan|Excel'den|gazeteden|fotoğraftan] [kopyaladım|aldım|aktardım]
[takıldım|pes ettim|yapamadım]
[merhaba|selam|günaydın]
[teşekkürler|teşekkür ederim|sağ ol|şimdiden teşekkürler]
[işte|bu] [bugünün sudokusu|bir labirent|bulmaca]
[noktalar|sıfırlar] boş [kutulardır|hücreler]
""",
        """
bana [güzel bir kitap|bir film|bir yemek tarifi|bir şaka] [öner|anlat|ver]
gökyüzü neden mavi [söyle|]
[bir çocuğa|anneanneme|] [üçüncü satırı|kuralı|yöntemi|ilk adımı|nasıl çözdüğünü] [açıkla|anlat]
[annem|patronum|sabır|kediler] [için|hakkında] [kısa bir şiir|bir hikâye|bir mektup|bir e-posta|bir şarkı] yaz
[neden|kim] [bu kadar popüler|icat etti|bu kadar zor]
bana [üç|birkaç] [ipucu|kitap|öneri] [ver|öner]
açıklamayı İngilizceye çevir
bu akşam ne [pişireyim|yiyelim]
""",
        (" ve ", " ve sonra ", ", sonra "),
    ),
    "zh": Language(
        """
[怎么走|哪条路] [最快|能出去]
[答案是什么|正确答案是什么|请告诉我答案]
[把它|把这个] [做完|解完|填完]
[请|帮我|请帮我|麻烦] [解|解决|完成|做] [这个|一下|这道题|这个数独|这个迷宫|它|这个谜题] [谢谢|]
[填写|填入|补全|填满] [空格|缺失的数字|空白|剩下的数字]
[答案|解|结果|解答] 是 [什么|多少]
[给我|请给出|输出] [答案|完整的答案|解答|结果|完成的表格]
[找出|请找出|求|画出] [从S到G的|] 最短 [路径|路线]
怎么 [走出去|从S到G]
只 [输出|要|给] [答案|结果] [不要解释|]
[推断规则并应用到测试输入|预测测试输出]
""",
        """
[我|我是|] [从网站|从表格|从Excel|从报纸|从照片] [复制|导出|抄] [的|来的|了这个]
[我做不出来|我卡住了|这个数独我做不出来|太难了]
[你好|您好|早上好]
[谢谢|多谢|感谢]
[这是|下面是|我有] [今天的数独|一个迷宫|一道题|一个谜题]
[点|零|0] [表示|代表] [空格|空白]
""",
        """
[顺便|另外|还有] [告诉我|说说] [为什么天空是蓝色的|今晚吃什么|一个笑话|谁发明的]
推荐 [一本书|一部电影|一道菜]
[给孩子|给我奶奶|用一句话|] [解释|说明|讲解] [第三行|规则|方法|第一步|你是怎么做的|路线]
[写|再写|并写|帮我写] [一首关于耐心的短诗|一首诗|一个故事|一封信|一封邮件|一段介绍|一个笑话] [给老板|]
[为什么|谁] [这么流行|发明了数独|这么难]
[给我|推荐|列出] [三个|几个] [建议|技巧|书|理由]
把 [说明|解释] 翻译成 [英文|法语]
哪个 [最难|更容易]
今晚 [做什么菜|吃什么]
""",
        ("，然后", "，再", "，并", "。还有，", "，接着"),
    ),
    "ja": Language(
        """
[一番短い|最短の|一番早い] [道順|道|行き方] は
答えを [見せて|教えて] ください
これを [完成させて|仕上げて] [ください|]
[この|次の|以下の] [数独|迷路|パズル|問題] を [解いて|完成させて|解いて下さい|解いてください|お願いします]
これを [解いて|解いてください|完成させてください]
[空いているマス|空欄|空白|足りない数字] を [埋めて|埋めてください|埋めて下さい]
[答え|解答|解] [を教えてください|は何ですか|をください|だけください]
[SからGまでの|出口までの|] 最短 [経路|ルート] を [見つけて|教えてください|示してください]
[ルールを見つけてテスト入力に適用してください|テストの出力を予測してください]
""",
        """
[これは|数独は|] [ウェブサイト|表計算|エクセル|新聞|写真]から[コピーしました|書き出しました|写しました]
[どうしても|全然|なかなか] [解けません|わかりません|できません]
[こんにちは|おはようございます]
[ありがとう|ありがとうございます|よろしくお願いします]
[これは|今日の] [新聞の数独|迷路|パズル] です
[点|ゼロ|0] は空白です
""",
        """
ついでに [猫の名前|面白い話|夕食の献立|本] を [三つ|] [考えて|教えて|勧めて] ください
空が [青い理由|なぜ青いか] を教えてください
[それから|その後|また|] [三行目|ルール|方法|最初の一手|解き方] を [子供に|祖母に|] [説明してください|説明して]
[忍耐|雨|猫|結果] について [短い詩|俳句|物語|手紙|メール] を [書いて|書いてください]
[なぜ|誰が] [人気があるのですか|数独を発明しましたか|難しいのですか]
[ヒント|本|コツ] を [三つ|いくつか] [教えて|教えてください]
説明を [英語|フランス語] に [翻訳して|訳してください]
今晩 [何を作ればいい|何を食べよう] ですか
""",
        ("、それから", "。そして", "、その後", "。また、"),
    ),
    "ko": Language(
        """
[정답|답] 알려 [주세요|줘]
어떻게 [나가|가] 는 게 [제일|가장] [빨라|짧아]
이걸 [완성해|끝내] [줘|주세요]
이 [스도쿠|미로|퍼즐|문제] [좀|를|을|] [풀어 줘|풀어줘|풀어 주세요|완성해 줘|해결해 줘]
이걸 [풀어 줘|풀어|완성해 줘|풀어 주세요]
[빈칸|빠진 숫자] 을 [채워 줘|채워 주세요]
[답|정답|해답] [을 알려 줘|이 뭐야|만 줘]
[S에서 G까지|출구까지] 가장 짧은 [길|경로] 을 [찾아줘|알려 줘]
""",
        """
[이건|스도쿠는|] [웹사이트|스프레드시트|엑셀|신문|사진]에서 [복사했어요|가져왔어요|옮겨 적었습니다]
[막혔어요|못 풀겠어요|포기했어요]
[안녕하세요|안녕]
[고마워|감사합니다]
[오늘의|신문에 나온] [스도쿠|미로] 입니다
점은 빈칸입니다
""",
        """
[오늘 저녁 메뉴|책|영화] 도 추천해 [줘|주세요]
하늘이 왜 [파란지|푸른지] 알려 줘
[아이에게|할머니께|] [셋째 줄|규칙|방법|첫 단계] 을 [설명해 줘|설명해 주세요]
[엄마|사장님] 에게 보낼 [짧은 편지|메일|글] 를 써 [줘|주세요]
[인내|고양이] 에 대한 [시|이야기] 를 써 [줘|주세요]
[왜|누가] [인기가 많아|스도쿠를 만들었어|어려워]
[팁|책] [세 개|몇 개] 추천해 줘
오늘 저녁 뭐 [먹을까|요리할까]
""",
        (" 그리고 ", " 그런 다음 ", ", 그다음 "),
    ),
    "ar": Language(
        """
[ما الحل|ما هو الجواب|كيف أخرج من هنا]
[أكمل|أنهِ] [هذا|الباقي] [لي|]
[حل|أكمل|أنه] [هذا|هذا السودوكو|هذه الشبكة|هذه المتاهة|اللغز] [من فضلك|لو سمحت|]
[هل يمكنك|ساعدني في] [حل|إكمال] [هذا|السودوكو|اللغز|المتاهة]
[املأ|أكمل] [الخانات الفارغة|الأرقام الناقصة]
[ما هو|أعطني|أريد] [الحل|الجواب|الحل الكامل]
[أوجد|جد|ارسم] أقصر [طريق|مسار] [من S إلى G|إلى المخرج|]
""",
        """
[نسختها|نسخت الشبكة|صدرتها|أخذتها] [من موقع|من جدول|من إكسل|من الجريدة|من صورة]
[لا أستطيع إكمال هذه الشبكة|لقد علقت|استسلمت]
[مرحبا|السلام عليكم|صباح الخير]
[شكرا|شكرا جزيلا|شكرا مقدما]
[هذه|إليك] [شبكة سودوكو|متاهة|مسألة]
[النقاط|الأصفار] خانات فارغة
""",
        """
[أخبرني|وأخبرني|قل لي] [لماذا السماء زرقاء|نكتة|من اخترع هذا|ماذا أطبخ]
[رشح|اقترح] لي [كتابا|فيلما]
[اشرح|وضح|صف] [لطفل|لجدتي|] [الصف الثالث|القاعدة|الطريقة|الخطوة الأولى]
[اكتب|ألف] [قصيدة قصيرة|قصة|رسالة|بريدا إلكترونيا|نكتة] [عن الصبر|لمديري|عن المطر|]
[لماذا|من] [هو مشهور|اخترع السودوكو|هو صعب]
[أعطني|اقترح] [ثلاث|بعض] [نصائح|كتب|أفكار]
ترجم [الشرح|النص] إلى الإنجليزية
ماذا [أطبخ|آكل] الليلة
""",
        (" ثم ", " و", "، وبعد ذلك "),
    ),
    "hi": Language(
        """
[इसे|इस सुडोकू को|इस पहेली को|इस भूलभुलैया को] [हल करो|हल कीजिए|पूरा करो|सुलझाओ] [कृपया|]
[खाली खाने|बाकी अंक] [भरो|भर दो|भरिए]
[हल|उत्तर|जवाब] [क्या है|बताओ|दीजिए]
[S से G तक|] सबसे छोटा रास्ता [खोजो|बताओ|दिखाओ]
""",
        """
[मैंने|हमने] [यह ग्रिड|यह सुडोकू|यह] [वेबसाइट से|स्प्रेडशीट से|एक्सेल से|अखबार से|फोटो से] [कॉपी किया|लिया] है
[नमस्ते|धन्यवाद|शुक्रिया]
[यह|यहाँ] [आज का सुडोकू|एक पहेली] है
बिंदु खाली खाने हैं
""",
        """
[बच्चे को|दादी को|] [तीसरी पंक्ति|नियम|तरीका|पहला कदम] [समझाओ|समझाइए]
[बारिश|धैर्य|बिल्ली] पर [एक छोटी कविता|एक कहानी|एक पत्र] [लिखो|लिखिए]
[क्यों|किसने] [लोकप्रिय है|बनाया|इतना कठिन है]
मुझे [तीन|कुछ] [सुझाव|किताबें] [दो|बताओ]
आज रात क्या [पकाऊँ|खाएँ]
""",
        (" और ", " और फिर ", ", फिर "),
    ),
    "vi": Language(
        """
[hãy|giúp mình|làm ơn|giải giúp mình] [giải|hoàn thành] [ô sudoku này|cái này|mê cung này|câu đố này|bài này]
[điền|điền vào] [các ô trống|số còn thiếu]
[lời giải|đáp án] là gì
tìm đường ngắn nhất [từ S đến G|]
""",
        "[tôi|mình] [sao chép|xuất|chép] [nó|bảng này|] [từ một trang web|từ bảng tính|từ Excel|từ báo|từ ảnh]\n[xin chào|cảm ơn|cảm ơn bạn|đây là sudoku hôm nay|dấu chấm là ô trống]",
        """
[giải thích|mô tả] [hàng thứ ba|quy tắc|cách làm] [cho trẻ em|cho bà tôi|]
[viết|sáng tác] [một bài thơ ngắn|một câu chuyện|một bức thư|một email] [về mưa|về sự kiên nhẫn|cho sếp|]
[tại sao|ai] [nó phổ biến|phát minh ra sudoku]
tối nay [nấu gì|ăn gì]
""",
        (" và ", " rồi ", ", sau đó "),
    ),
    "id": Language(
        """
[tolong|bisakah kamu|mohon] [selesaikan|pecahkan|lengkapi] [sudoku ini|ini|labirin ini|teka-teki ini]
[isi|lengkapi] [kotak kosong|angka yang hilang]
apa [jawabannya|solusinya]
[cari|temukan] jalan terpendek [dari S ke G|]
""",
        "[saya|aku] [menyalin|mengekspor|mengambil] [ini|sudokunya|] [dari situs web|dari spreadsheet|dari Excel|dari koran|dari foto]\n[halo|terima kasih|selamat pagi|ini sudoku hari ini|titik berarti kosong]",
        """
[jelaskan|terangkan] [baris ketiga|aturannya|caranya] [kepada anak|kepada nenek saya|]
[tulis|tuliskan|buat] [puisi pendek|cerita|surat|email] [tentang hujan|untuk bos saya|]
[mengapa|siapa] [begitu populer|yang menemukan sudoku]
masak apa malam ini
""",
        (" dan ", " lalu ", ", kemudian "),
    ),
    "fi": Language(
        """
[ratkaise|täytä|täydennä] [tämä|tämä sudoku|ruudukko|labyrintti|tyhjät ruudut] [kiitos|]
[voitko|voisitko] [ratkaista|täyttää] [tämän|tämän sudokun]
[mikä on|anna] ratkaisu
etsi lyhin reitti [S:stä G:hen|]
""",
        "[kopioin|vein|otin] [sen|tämän|ruudukon|] [verkkosivulta|taulukosta|Excelistä|lehdestä|kuvasta]\n[hei|moi|kiitos|kiitos paljon|tässä on sudoku|pisteet ovat tyhjiä]",
        """
[selitä|kuvaile] [lapselle|mummolle|] [kolmas rivi|sääntö|menetelmä]
[kirjoita|keksi] [lyhyt runo|tarina|kirje|vitsi] [kissasta|kärsivällisyydestä|]
[miksi|kuka] [se on suosittu|keksi sudokun]
""",
        (" ja ", " ja sitten ", ", sitten "),
    ),
    "hu": Language(
        """
[oldd meg|fejezd be|töltsd ki] [ezt|ezt a sudokut|a rejtvényt|az üres mezőket|a labirintust] [kérlek|]
mi a megoldás
keresd meg a legrövidebb utat [S-ből G-be|]
""",
        "[egy weboldalról|egy táblázatból|Excelből|az újságból|egy fotóról] [másoltam|exportáltam|írtam] [ki|át|]\n[szia|köszönöm|jó napot|itt egy sudoku|a pontok üres mezők]",
        """
[magyarázd el|írd le] [egy gyereknek|] [a harmadik sort|a szabályt|a módszert]
[írj|költs] [egy rövid verset|egy mesét|egy levelet|egy viccet] [a türelemről|a főnökömnek|]
""",
        (" és ", ", majd ", " aztán "),
    ),
    "ro": Language(
        """
[rezolvă|completează|termină] [te rog|] [acest sudoku|asta|labirintul|careul|căsuțele goale]
[care este|dă-mi] [soluția|răspunsul]
găsește drumul cel mai scurt [de la S la G|]
""",
        "[am|l-am] [copiat|exportat|luat] [sudoku-ul|grila|] [de pe un site|dintr-o foaie de calcul|din Excel|din ziar|dintr-o poză]\n[salut|mulțumesc|bună ziua|iată un sudoku|punctele sunt căsuțe goale]",
        """
[explică|descrie] [unui copil|bunicii|] [al treilea rând|regula|metoda]
[scrie|compune] [o poezie scurtă|o poveste|o scrisoare|o glumă] [despre ploaie|șefului meu|]
""",
        (" și ", " și apoi ", ", apoi "),
    ),
    "el": Language(
        """
[λύσε|συμπλήρωσε|τελείωσε] [αυτό|το σουντόκου|τον λαβύρινθο|τα κενά|το παζλ] [σε παρακαλώ|]
[ποια είναι|δώσε μου] η λύση
βρες τη συντομότερη διαδρομή [από το S στο G|]
""",
        "[το|τα] [αντέγραψα|εξήγαγα|πήρα] [από ιστοσελίδα|από υπολογιστικό φύλλο|από το Excel|από εφημερίδα|από φωτογραφία]\n[γεια|ευχαριστώ|καλημέρα|ορίστε ένα σουντόκου|οι τελείες είναι κενά]",
        """
[εξήγησε|περίγραψε] [σε ένα παιδί|] [την τρίτη γραμμή|τον κανόνα|τη μέθοδο]
[γράψε|σκέψου] [ένα ποίημα|μια ιστορία|ένα γράμμα|ένα αστείο] [για τη βροχή|]
""",
        (" και ", " και μετά "),
    ),
    "he": Language(
        """
[פתור|השלם|סיים] [את זה|את הסודוקו|את המבוך|את החידה|את המשבצות הריקות] [בבקשה|]
[מה הפתרון|תן לי את הפתרון]
מצא את הדרך הקצרה ביותר [מ-S ל-G|]
""",
        "[העתקתי|ייצאתי|לקחתי] [את זה|את הסודוקו|] [מאתר|מגיליון|מאקסל|מהעיתון|מתמונה]\n[שלום|תודה|תודה רבה|הנה סודוקו|נקודות הן משבצות ריקות]",
        """
[הסבר|תאר] [לילד|לסבתא|] [את השורה השלישית|את הכלל|את השיטה]
[כתוב|חבר] [שיר קצר|סיפור|מכתב|בדיחה] [על סבלנות|לבוס שלי|]
""",
        (" ואז ", " ו", " ואחר כך "),
    ),
}
