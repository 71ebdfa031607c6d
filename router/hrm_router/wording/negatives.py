# ruff: noqa: E501
"""Open-ended requests: what people ask that is no structured task.

A grammar of its own, written for this project; it generates over two thousand
requests, the same ones every time, many of them near misses that speak of
puzzles without holding one.
"""

from __future__ import annotations

import random
from functools import lru_cache

from hrm_router.classifier import Example
from hrm_router.wording.templates import lines, wordings

PER_TEMPLATE = 18

SLOTS = {
    "piece": "poem|haiku|limerick|short story|song|essay|blog post|speech|joke|letter|e-mail|sonnet|"
    "press release|tweet|cover letter|film review|fairy tale|dialogue|eulogy|product description",
    "theme": "autumn|the sea|my late father|a lonely robot|friendship|the first snow|our new office|"
    "a lost dog|climate change|a sudoku that refuses to be finished|a maze without an exit|"
    "coffee|the theory of relativity|growing old|a football match|time travel|a labyrinth of mirrors|"
    "working from home|the colour blue|grids and order|a chess grandmaster|crossword addicts",
    "puzzle": "sudoku|a maze|a labyrinth|a crossword|killer sudoku|a logic puzzle|chess|a Rubik's cube|"
    "ARC tasks|nonograms|a jigsaw puzzle|KenKen|a hedge maze|futoshiki|the eight queens puzzle",
    "lang": "Python|JavaScript|C++|Rust|Java|Go|TypeScript|SQL|Haskell|R|Kotlin|bash",
    "prog": "sorts a list of dictionaries by two keys|parses a CSV file|solves a sudoku with backtracking|"
    "finds a way through a maze with BFS|sends an e-mail|reverses a linked list|scrapes a page|"
    "generates random mazes|checks whether a sudoku is valid|counts words|rotates a matrix|"
    "computes prime numbers|merges two dataframes|talks to a REST API|draws a grid|plays tic-tac-toe|"
    "counts islands in a binary matrix|finds the shortest path in a weighted graph|spells backwards",
    "place": "Lisbon|Kyoto|Iceland|Chicago|Morocco|the Alps|Vietnam|Edinburgh|Peru|Cape Town|Prague",
    "person": "Marie Curie|Leonhard Euler|Napoleon|Ada Lovelace|Garry Kasparov|Einstein|Cleopatra|"
    "Alan Turing|Frida Kahlo|Howard Garns|Maki Kaji|Shakespeare|Gandhi|Daedalus",
    "thing": "photosynthesis|inflation|blockchain|black holes|vaccines|the French Revolution|recursion|"
    "quantum computing|backpropagation|the stock market|DNA|graph theory|dynamic programming|"
    "transformers|the Minotaur myth|entropy|jet lag|constraint propagation|reinforcement learning",
    "audience": "a child|a beginner|my grandmother|an expert|a high-school class|my manager|five-year-olds",
    "person2": "my boss|my landlord|a customer|my teacher|the bank|my neighbour|my best friend|the team",
    "occasion": "a birthday|our wedding|a job interview|a team retreat|a puzzle night|Christmas|retirement",
    "dish": "lasagne|pancakes|a vegan curry|sourdough bread|tomato soup|paella|cheesecake|ramen",
    "n": "two|three|four|five|six|seven|ten|twelve",
    "num": "7|12|18|24|35|48|60|90|120|250",
    "name": "Tom|Maria|Ahmed|Yuki|Lena|Carlos|Priya|Olga|Sam|Nora",
    "item": "apples|tickets|books|pencils|marbles|cookies|stamps|puzzles|chairs|bottles",
    "device": "lights|thermostat|television|washing machine|garage door|speaker|alarm",
    "time": "seven in the morning|noon|half past eight|tomorrow|next Friday|tonight|Monday at nine",
    "to": "French|German|Spanish|Japanese|Italian|Portuguese|Russian|Dutch|Polish|Swedish",
    "sentence": "'Where is the station?'|'The maze was so large that nobody had seen its centre.'|"
    "'I would like a table for two.'|'Solve this puzzle before dinner.'|'Every path leads somewhere.'|"
    "'The train is late again.'|'Please fill in the missing numbers.'|'Happy birthday, dear colleague!'",
}

REQUESTS = """
[write|compose|draft|create] [me|] a [short|funny|moving|rhyming|] {piece} about {theme} [please|for {occasion}|]
[can|could] you write a {piece} [for|about] {occasion} [in the style of {person}|]
[write|give me|show me|implement] [a|] {lang} [function|program|script|code] that {prog}
how [do|can|would] I [write|implement|build] a {lang} [function|program|tool] that {prog}
[my|this] {lang} [code|script|function] that {prog} [crashes|is slow|gives the wrong result|does not compile], [why|what could it be|help me debug it]
[what is|explain|compare] the [time complexity|memory use|best library|idea] of [solving {puzzle}|a program that {prog}|breadth-first search|depth-first search|backtracking]
how do I solve [a maze|a sudoku|{puzzle}] with [BFS|A*|backtracking|dancing links|a SAT solver|machine learning] in {lang}
[explain|describe] {thing} [to {audience}|in simple words|in two paragraphs|step by step|]
what [is|are] {thing} [and why does it matter|, in one sentence|exactly|]
[who|when|where] [invented|discovered|first described|made popular] [{puzzle}|{thing}|the telephone|penicillin|the bicycle]
[who was|tell me about|what did|give a short biography of] {person} [do|best known for|]
what is the [history|origin|meaning|etymology] of [{puzzle}|the word labyrinth|the word sudoku|chess|{thing}]
[what are|give me|list] [some|{n}|the best] [tips|strategies|techniques|tricks|apps|books] for [solving {puzzle}|learning {lang}|better sleep|public speaking|beginners at {puzzle}]
[how|is it] [hard|difficult|long] [is it|does it take] to [solve|learn|design|make] {puzzle} [for {audience}|]
[why|how] [is|are|did] {puzzle} [so popular|good for the brain|considered hard|get its name|become famous]
what is the minimum number of clues [a|of a] [9x9|] sudoku [needs|can have] [, and how was that proved|]
how many [different|valid|] [sudoku grids|mazes|crosswords|chess games] [exist|are there|can be made]
[does|do|can] [playing|solving|doing] {puzzle} [improve memory|help against dementia|make you smarter|help {audience}]
[what is|explain] the difference between [a maze and a labyrinth|sudoku and kakuro|chess and checkers|BFS and DFS|a virus and a bacterium|inflation and deflation]
[what are|explain] the rules of [{puzzle}|chess|go|bridge|cricket|monopoly|futoshiki]
[I|we] [want|plan|would like] to [play|start with|buy|print|organise] {puzzle} [with {audience}|for {occasion}], [any ideas|where do I start|what should I know]
[generate|create|make|design|invent] [a|an easy|a hard|a new] [sudoku|maze|crossword|puzzle|riddle|quiz] [for {audience}|for {occasion}|about {thing}|]
[I am|I'm|my {audience} is] [bored|addicted to|scared of|tired of] {puzzle} [and need advice|, what else could I try|, help]
[recommend|suggest] [{n}|some|a few] [books|films|podcasts|museums|games|songs|restaurants] [about {thing}|in {place}|for {occasion}|like {puzzle}]
plan a [{n}-day|weekend|cheap|family] trip to {place} [with children|in spring|by train|]
[what|which] [should I|can we|do people] [see|do|eat|pack|wear] in {place} [in winter|for {n} days|with kids|]
[how do I|how to|what is the best way to|recipe to] [make|cook|bake] {dish} [for {n} people|without eggs|quickly|]
[what can I|what should I] cook [tonight|with eggs and spinach|for {n} people|instead of {dish}]
translate {sentence} [into|to] {to}
how do you say {sentence} in {to}
[proofread|rewrite|shorten|improve|rephrase|make more polite] [this sentence|the following]: {sentence}
[summarise|summarize|give me the gist of] [the book|the film|the article|the theory|the debate] [about {thing}|on {puzzle}|by {person}]
[write|draft|reply to] [an e-mail|a message|a letter] [to|from] {person2} [asking for a day off|about the delay|to complain about the noise|to say thank you|about {occasion}]
{name} has {num} {item} and gives {num} to {name}. How many {item} [does {name} have left|are left|remain]?
{name} buys {n} {item} for {num} dollars each and pays with a {num} dollar note. [What is the change|How much change is there]?
a [train|car|cyclist|boat] travels {num} km in {n} hours. [How fast is it|What is its speed|How far does it get in {n} hours]?
[what is|calculate|compute|work out] {num} [plus|times|minus|divided by|percent of] {num}
[prove|show] that [the square root of two is irrational|there are infinitely many primes|every tree has a leaf|the sum of two odd numbers is even]
[solve|find x in] the equation {num}x + {num} = {num}
[what is|find|compute] the [derivative|integral|limit] of [x^2 sin x|e^x / x|ln(x)|1/(1+x^2)]
what is the probability of [rolling {n} sixes|drawing two aces|{n} heads in a row]
[turn|switch] [on|off] the {device} [in the kitchen|please|now|]
[set|cancel|change] [an alarm|a timer|a reminder|my meeting] [for|at|to] {time}
[play|pause|skip|turn up] [some jazz|the next song|my workout playlist|the news|the volume]
[what is|what's|how is] the [weather|traffic|temperature|pollen count] [in {place}|today|going to be {time}|]
[book|reserve|cancel] [a table|a flight|a hotel|a taxi] [for {n}|to {place}|in {place}] [{time}|please|]
[transfer|send|pay] {num} [dollars|euros] [to|from] [my savings account|{name}|the landlord]
[what is|check|show me] my [balance|credit limit|next appointment|shopping list|calendar for {time}]
[remind me|tell {name}] to [buy milk|call {person2}|water the plants|bring the {item}] {time}
[add|put] [{item}|milk|{num} {item}] [to|on] my [shopping|to-do|wish] list
[tell me|do you know|make up] a [joke|fun fact|riddle|tongue twister|bedtime story] [about {theme}|]
[how are you|who made you|what can you do|are you human|what is your name|do you like {puzzle}|can you solve {puzzle}]
[hello|hi|good morning|thanks|thank you|goodbye|never mind|okay] [there|again|a lot|for now|]
[I feel|I am] [sad|stressed|lonely|anxious|lost|excited] [about work|today|since {occasion}|], [what should I do|any advice|can we talk]
[should I|is it better to|what are the pros and cons to] [rent or buy a flat|learn {lang}|move to {place}|quit my job|adopt a cat|invest in shares]
[give me|suggest|brainstorm] {n} [names|titles|slogans|ideas] for [a cat|a bakery|a startup|a puzzle magazine|a podcast about {thing}|{occasion}]
[act|pretend you are|answer] as [a travel guide|a pirate|{person}|a job interviewer|a maze|a strict teacher] [and talk about {thing}|]
[what does|what is meant by] [the idiom|the phrase|the saying] ["a labyrinth of lies"|"break a leg"|"back to square one"|"the last piece of the puzzle"] [mean|]
[my|our] [dog|cat|car|laptop|router|printer|baby|plant] [does not|won't|keeps refusing to] [start|eat|sleep|connect|print|grow], [why|what now|any ideas]
[what is|which is] the [capital|population|currency|highest mountain|official language] of [{place}|Peru|Mongolia|Canada|Kenya]
[how many|how much] [calories|sugar|protein|caffeine] [is in|are in|does] [a banana|{dish}|a cup of coffee|an egg]
[what are the|give me] [symptoms|causes|side effects|treatment] [of|for] [migraine|flu|anaemia|tennis elbow|aspirin|insomnia]
[classify|decide] whether the [review|tweet|comment] "[I loved every minute|never again|it was fine]" is positive or negative
[extract|list] the [names|dates|places] [from|in] this sentence: {name} met {name} in {place} {time}.
if {name} is taller than {name} and {name} is taller than {name}, who is the [tallest|shortest]?
{name} tells the truth. {name} says {name} lies. [Does|Is] {name} [tell the truth|a liar|honest]?
[arrange|plan|organise] [a seating plan|a schedule|a rota] for [our {occasion}|{n} people|the office|the night shift]
[what were the|list the] [main causes|turning points|results] of [the French Revolution|World War I|the moon landing|the fall of Rome]
[how does|what does|why does] [the ARC-AGI benchmark|an HRM|a neural network|a transformer|a GPU|a sudoku app] [work|measure|need training data|generalise]
[walk me through|teach me|give me a lesson on] [long division|the violin|{lang}|meditation|{puzzle}|writing a will|negotiating a salary]
[my daughter|my son|a friend] got lost in a [corn maze|shopping centre|hedge maze] [and is scared now|and cried], [how can I help|what can I do]
I have a [9 x 9|4 by 6|10 by 12] metre [garden|room|wall]. How [many tiles|much paint|many paving slabs] do I need?
[draw|describe|imagine] [a picture of|a world with|] {theme} [in words|as ASCII art|]
[what happens|what would happen] if [the moon disappeared|everyone spoke {to}|mazes were illegal|{name} forgot {occasion}]
[find|search for|look up] [cheap flights to {place}|a dentist nearby|the lyrics of that song|jobs in {place}|an article about {thing}]
[convert|how much is] {num} [miles|pounds|fahrenheit|dollars|ounces] [in|to|into] [kilometres|kilos|celsius|euros|grams]
[write|generate|create] [unit tests|documentation|a regular expression|a SQL query|a Dockerfile|an API|a schema] for [a program that {prog}|a sudoku app|a booking system|dates]
given [an integer array|a string|a binary tree|an m x n grid|a linked list|a 9x9 board], [return|determine|find] [the longest path|whether it is valid|the number of islands|the k-th element|all permutations]
[what is|review|criticise|finish] this [argument|business plan|opening line|proverb]: [time is money|better late than never|cheap flights for all|it was a dark night]
"""

ELSEWHERE = """
schreib [mir|] [ein Gedicht|eine Geschichte|einen Brief|eine E-Mail|einen Aufsatz] über [den Herbst|meine Katze|Sudoku|ein Labyrinth|die Liebe|meinen Chef]
[wer|wann|wo] [hat|wurde] [Sudoku|das Telefon|das Rad|Schach|der Buchdruck] [erfunden|erfunden und warum|entdeckt]
[wie|was] [koche ich|brauche ich für|gehört in] [Linsensuppe|Kartoffelsalat|Pfannkuchen|Gulasch]
[erkläre|erklär mir] [bitte|] [die Inflation|die Photosynthese|schwarze Löcher|Rekursion|den Unterschied zwischen Irrgarten und Labyrinth]
[wie|wo] [wird das Wetter morgen|komme ich zum Bahnhof|finde ich einen Zahnarzt|lerne ich Italienisch|programmiere ich einen Sudoku-Löser in Python]
[welche|nenne mir] [Tipps|Bücher|Filme|Strategien] [für Anfänger|gegen Stress|für Sudoku|über Labyrinthe|über Rom]
[écris|rédige|compose] [un poème|une lettre|une histoire|un courriel|une chanson] sur [la mer|mon chat|le sudoku|un labyrinthe|l'amitié]
[qui|quand|où] [a inventé|a-t-on inventé|a découvert] [le sudoku|le téléphone|la pénicilline|les échecs]
[explique|explique-moi] [l'inflation|la photosynthèse|la différence entre un dédale et un labyrinthe|les trous noirs]
[quelle est|quel est|donne-moi] [la capitale du Pérou|la recette des crêpes|le temps demain|la population de la France|des conseils pour débuter au sudoku]
[escribe|redacta|compón] [un poema|una carta|un cuento|un correo|una canción] sobre [el otoño|mi perro|el sudoku|un laberinto|la amistad]
[quién|cuándo|dónde] [inventó|se inventó|descubrió] [el sudoku|el teléfono|la penicilina|el ajedrez]
[explícame|explica] [la inflación|la fotosíntesis|los agujeros negros|la diferencia entre un laberinto y un dédalo]
[cuál es|dime|qué] [la capital de Perú|el tiempo mañana|una receta de paella|consejos para resolver sudokus|el sentido de la vida]
[scrivi|componi] [una poesia|una lettera|un racconto|un'e-mail] [sul mare|sul mio gatto|sul sudoku|su un labirinto|sull'amicizia]
[chi|quando] [ha inventato|fu inventato] [il sudoku|il telefono|gli scacchi|la radio]
[spiegami|come si fa|qual è] [l'inflazione|la carbonara|la capitale del Perù|la regola del sudoku|il tempo domani]
[escreve|escreva|redige] [um poema|uma carta|um conto|um e-mail] sobre [o mar|o meu gato|sudoku|um labirinto|a amizade]
[quem|quando] [inventou|foi inventado] [o sudoku|o telefone|o xadrez|o rádio]
[explica|como faço|qual é] [a inflação|um bolo de cenoura|a capital do Peru|a história do sudoku|o tempo amanhã]
[schrijf|maak] [een gedicht|een brief|een verhaal|een mail] over [de herfst|mijn kat|sudoku|een doolhof|vriendschap]
[wie|wanneer|hoe] [heeft sudoku uitgevonden|is schaken ontstaan|maak ik pannenkoeken|wordt het weer morgen|werkt inflatie]
[napisz|ułóż] [wiersz|list|opowiadanie|maila] o [jesieni|moim kocie|sudoku|labiryncie|przyjaźni]
[kto|kiedy|jak] [wymyślił sudoku|wynaleziono telefon|zrobić pierogi|działa inflacja|jaka będzie pogoda jutro]
[skriv|gör|lag] [en dikt|ett brev|en historia|et digt|et brev] om [hösten|min katt|sudoku|en labyrint|venskab]
[vem|hvem|när] [uppfann|opfandt|uppfanns] [sudoku|telefonen|schack|radioen]
[напиши|сочини] [стихотворение|письмо|рассказ|сказку] [про осень|о моей кошке|о судоку|про лабиринт|о дружбе]
[кто|когда|как] [придумал судоку|изобрели телефон|приготовить борщ|работает инфляция|какая завтра погода]
[sonbahar|kedim|sudoku|bir labirent|arkadaşlık] hakkında [bir şiir|bir mektup|bir hikâye|bir e-posta] yaz
[sudokuyu|telefonu|satrancı] [kim buldu|kim icat etti|ne zaman icat edildi]
[写|帮我写] [一首|一篇|一封] [关于秋天的诗|关于数独的文章|给老板的信|关于迷宫的故事]
[谁|什么时候] [发明了|发明] [数独|电话|围棋|迷宫游戏]
[解释一下|什么是] [通货膨胀|光合作用|黑洞|迷宫和迷阵的区别|递归]
[秋|猫|数独|迷路|友情] についての [詩|手紙|物語|作文] を書いて [ください|]
[数独|電話|将棋|迷路] は誰が [発明しましたか|考えたのですか]
[가을|고양이|스도쿠|미로|우정] 에 [대한|관한] [시|편지|이야기|글] 를 써 [줘|주세요]
[스도쿠|전화|바둑] 는 누가 [발명했나요|만들었어]
اكتب [قصيدة|رسالة|قصة|مقالا] عن [الخريف|قطتي|السودوكو|المتاهة|الصداقة]
[من|متى] [اخترع|تم اختراع] [السودوكو|الهاتف|الشطرنج]
[पतझड़|मेरी बिल्ली|सुडोकू|भूलभुलैया|दोस्ती] पर [एक कविता|एक पत्र|एक कहानी] [लिखो|लिखिए]
[सुडोकू|टेलीफोन|शतरंज] का आविष्कार किसने किया
"""


@lru_cache(maxsize=1)
def open_examples() -> tuple[Example, ...]:
    """More than two thousand open-ended requests, each with its template."""
    rng = random.Random(20_000)
    slots = {name: tuple(choices.split("|")) for name, choices in SLOTS.items()}
    made: dict[str, Example] = {}
    for block, count in ((REQUESTS, 2 * PER_TEMPLATE), (ELSEWHERE, PER_TEMPLATE)):
        for template in lines(block):
            for text in wordings(template, slots, rng, count):
                made.setdefault(text, Example(text, "open", template))
    return tuple(made.values())
