# ruff: noqa: E501
"""What stands around a problem, in English, by what it means for the rest.

`ASK` asks for the solution or says how it should look; `FRAME` introduces,
explains the notation and the rules, thanks; `EXTRA` wants something else;
`STATEMENT` wants a program or quotes an exercise, so that the problem in it is
an illustration.
"""

from __future__ import annotations

SLOTS = {
    "it": (
        "it",
        "this",
        "this one",
        "this puzzle",
        "the puzzle",
        "the grid",
        "the sudoku",
        "the maze",
        "the problem",
        "the grid below",
        "the following",
        "the puzzle above",
        "these",
        "them",
        "both",
        "this thing",
        "the board",
        "this table",
        "the task",
        "all of them",
        "the rest",
    ),
    "sol": (
        "solution",
        "answer",
        "result",
        "completed grid",
        "solved grid",
        "finished puzzle",
        "shortest path",
        "path",
        "route",
        "output",
        "missing output",
        "missing numbers",
        "filled-in board",
        "label",
        "values",
        "final state",
        "way out",
        "output grid",
    ),
    "who": (
        "a child",
        "a beginner",
        "my grandmother",
        "my class",
        "a ten-year-old",
        "my boss",
        "the team",
        "a colleague",
        "our customers",
        "someone who has never seen one",
        "my son",
    ),
    "piece": (
        "poem",
        "haiku",
        "limerick",
        "short story",
        "song",
        "rap",
        "joke",
        "tweet",
        "blog post",
        "paragraph",
        "rhyme",
        "slogan",
        "letter",
        "e-mail",
        "note",
        "caption",
        "headline",
        "bedtime story",
        "dialogue",
        "press release",
        "toast",
        "introduction",
        "title",
        "summary",
        "essay",
        "script",
        "recipe",
        "speech",
        "riddle",
        "sentence",
        "hint",
        "quiz question",
        "social media post",
        "newsletter item",
        "fable",
        "description",
    ),
    "about": (
        "the result",
        "it",
        "the solution",
        "puzzles",
        "patience",
        "the middle row",
        "the digits",
        "getting lost",
        "logic",
        "Sundays",
        "numbers",
        "a robot",
        "the winner",
        "rainy days",
        "mathematics",
        "my cat",
        "the walk",
        "the answer",
        "life",
        "friendship",
    ),
    "part": (
        "the third row",
        "the first column",
        "the middle box",
        "each step",
        "the first move",
        "the hardest cell",
        "the rule",
        "the last turn",
        "the method",
        "the route",
        "the result",
        "your reasoning",
        "the strategy",
        "the centre square",
        "the trick",
        "the second block",
    ),
    "lang": ("French", "Spanish", "German", "Japanese", "Italian", "Latin", "Klingon", "Polish"),
    "noun": (
        "venue",
        "train",
        "house",
        "garden",
        "meeting",
        "dog",
        "museum",
        "car",
        "concert",
        "river",
        "kitchen",
        "teacher",
        "journey",
        "bridge",
        "market",
        "book",
        "festival",
        "window",
        "boat",
    ),
    "place": (
        "Lisbon",
        "the village",
        "Berlin",
        "the mountains",
        "our street",
        "Kyoto",
        "the office",
        "Glasgow",
        "the harbour",
        "town",
    ),
    "topic": (
        "sudoku",
        "mazes",
        "Latin squares",
        "logic puzzles",
        "labyrinths",
        "the ARC benchmark",
        "graph search",
        "backtracking",
        "pattern recognition",
        "intelligence tests",
        "newspaper puzzles",
        "Euler",
        "Garry Kasparov",
        "the moon",
        "Rome",
        "coffee",
    ),
    "algo": (
        "Python",
        "JavaScript",
        "C++",
        "Java",
        "Rust",
        "Go",
        "SQL",
        "a shell script",
        "Haskell",
    ),
}

ASK = """
[pretend|imagine] you are [this|the|that] [endpoint|API|service|solver|program] and [return|send back|give back|answer with] the [solved cells|solution|solved grid|response|filled grid]
[fill|filled] in [array|list|grid|matrix] [only|please|] [, no code|, not code|, I do not need code|]
[formatted|written|laid out|arranged] [as the puzzle|like the input|as before|the same way] , [a|one] [9x9|square|nine by nine] [grid|table|block] with [numbers|digits|cells] [separated|divided|split] by [spaces|commas|tabs|blanks] , [and|with] [rows|lines] [separated|divided|split|ended] by [newlines|line breaks|semicolons]
[use|put|write|keep] [one|each] [row|line|number|step] [per line|on a line of its own|after the other] , [no|without] [borders|frames|quotes|brackets|spaces] , [digits|cells|moves] [separated by commas|only|in order]
[a|as a] [comma-separated|plain|flat|nested] [list|string|array] of [digits|moves|rows|steps|directions|coordinates]
[if so|if yes|if there is one|if it can be done|when you have it|otherwise] , [print|show|give|return|write|post] [it|the grid|the path|me the result]
[is there|does it have|has it] [a|any|one] [solution|path|way|answer] [to this|at all|from S to G|]
[escape|exit|rescue] [plan|route|path] [needed|wanted|please]
[supply|produce|provide|deliver|generate|determine|establish|reconstruct|derive|submit] the [remaining|missing|full|complete|fully populated|final|correct|whole] [digits|numbers|array|matrix|board|grid|table|entries|layout|sequence] [, formatted like the input|in the same format|, nothing fancy|row by row|]
[show|tell|give] me [please|now|then|the rest|everything|how it ends|how it looks when done|]
[how|tell me how|I want to see how|I should like to see how] [it|this|that|the puzzle] [ends|turns out|looks when finished|comes out|works out]
[overlay|highlight|draw in|add|print|return|put] the [optimal|best|minimal|shortest|computed] [trajectory|path|route|line|trail] [on|in|into|over] the [map|plan|grid|picture|drawing|floor plan] [and return the map|]
[return|print|send back|show] the [map|plan|grid|picture|maze|drawing] [with the path|with the route in it|afterwards|with it marked|]
[plan|map out|arrange|organise|optimise|schedule] [it|the trip|the walk|the tour|its way|the route] [without wasting a step|without detours|as short as possible|please|]
[what is|what would be|which is] [its|his|her|the robot's|the mouse's] [quickest|shortest|best|cheapest] [trip|way|walk|route|run]
compute a [minimum-length|least-cost|cheapest|minimal|shortest] [path|walk|route|connection] [between S and G|from S to G|on this map|]
[can|could] [u|you|someone|ya] [help|assist|lend a hand|take over|do the rest|jump in] [me out|please|here|with that|]
[my|your] [turn|move] [now|next|:)|]
[done|solved|finished|ready|got it] [yet|already|] ?
[every|each|any] [cell|square|field|box|blank] [filled|must be filled|needs a digit|please]
[we|I] need [every cell|all cells|the complete grid|the full key|the answer key|the final board] [filled|for page 60|for the book|by tonight|]
[which|what] way [out|in|to go|leads out|is it] ?
[where|which way|which direction] [do|should|must|can] I [go|turn|walk|leave|exit] [to get out|from here|first|]
[get|let|help] [me|us|it|the robot|the mouse] [out|out of here|to the cheese|home|to the exit|through] [fast|quickly|please|]
[take|use|read] the [clues|givens|numbers|map|examples] [below|above|given|] and [produce|work out|compute|complete|fill] the [rest|whole|board|answer]
[solve|fill|complete|do] the whole thing
[could|can|would|will] [somebody|anybody|anyone|you guys|someone|you] [finally|please|quickly|] [crack|solve|do|finish|sort out|knock out|figure out|polish off|wrap up|take care of] {it}
[any chance|is there any chance|would it be possible|do you mind if] [you|you could] [solve|finish|do|complete|polish off|sort out] {it}
[put|write|enter|type|drop|slot] in [what's|what is|whatever is|all that is|everything that is] [missing|left|not there|open|lacking] [, would you|, please|, thanks|]
[I'd|I would|we'd|we would] [be grateful|love|appreciate|be happy|be glad|be thankful] [for|to see|to have|to get] the [full|whole|complete|completed|final|finished|filled] [grid|board|version|answer|table|path|picture|route]
[looking forward to|waiting for|eager to see|curious about|hoping for|keen to see] the [completed|full|final|finished|solved] [version|grid|one|board|answer|solution|path]
[hand|give|send|pass|mail] [me|us|] [back|over|] the [finished|solved|complete|completed|filled] [board|grid|one|puzzle|maze] [as nine lines of nine digits|line by line|as plain text|]
[I|we] only [want|need|care about|wish] [to see|] the [end result|final grid|result|solution|finished thing|answer]
[nothing more|nothing else|that's all|that is all|that's it|no more than that|leave out any commentary|skip the commentary|spare me the details|without commentary|no prose]
[get|go|move|travel|bring me|take me|head] from [S|A|start|the start|the door|here] to [G|B|goal|the exit|the finish|the other side] [with|in|using] [the|] [fewest|least|smallest number of|minimal|minimum] [steps|moves|squares|effort]
[which|what] [squares|cells|fields|tiles|turns|steps] [do|should|must|would] [I|we|the robot|it] [step on|cross|visit|take|make|walk over|go through]
[what's|what is|which is] the [minimal|minimum|shortest|quickest|least|best|fastest|most direct] [walk|number of moves|distance|way|trip|connection|route] [here|from S to G|to the exit|between them|through|]
[plot|sketch|trace|lay out|chart|spell out|list] [a|the] [line|least number of moves|quickest way|moves|shortest connection|course|steps] [through the corridors|from S to G|to the dock|]
[the|] [best|fastest|quickest|shortest] [way|route|path|line] [through|out|across|home|to the goal] ?
[which|what] [digits|numbers|values|figures|colours] [belong|go|fit|come|should stand] [in|into|at] [the|these|those|] [empty|open|blank|free|missing] [squares|cells|places|positions|spots]
[sudoku|maze|puzzle|grid|arc|labyrinth] [, solve|, finish|, solution|: answer|. finish|. solve] [pls|please|plz|?|]
[finish|solve|fix|do|answer|complete] [pls|plz|please|asap|now]
[apply|use] the [same|hidden|underlying|learned|found] [rule|transformation|change|logic] [to|on] the [last|test|final|new] [grid|input|one]
[what|which grid] [comes|goes|follows|belongs] [last|next|there|here|out]
[continue|complete|extend] the [series|pattern|analogy|sequence]
[this|that|it|the last one] [becomes|turns into|gives|maps to] what
[do|try|give] the [honours|rest|whole thing|magic]
[take|bring] it [home|to the end|over the line|from here]
[please|kindly|] [solve|complete|finish|crack|work out|do|fill in|answer|compute] {it} [for me|please|now|]
[can|could|would|will] you [please|possibly|quickly|] [solve|complete|finish|work out|fill in|do] {it} [for me|please|]
[what is|what's|what would be|tell me|give me|show me|I need|I want|I'd like|return|print|find|compute|provide] the {sol} [please|of {it}|for {it}|to {it}|here|]
[find|fill in|supply|determine|put in] the [missing|empty|blank|remaining|open] [numbers|digits|cells|squares|values|fields] [in {it}|]
fill [in|] the [blanks|gaps|empty cells|holes|zeros|dots]
[how do I|how can I|how does one|how do you] get from [S|A|the start|start|the entrance] to [G|B|the goal|the exit|finish] [in as few steps as possible|the fastest way|the shortest way|]
[find|mark|draw|show|trace|highlight|compute] [the|a|one] [shortest|quickest|best|optimal] [path|route|way|walk] [from S to G|from start to goal|through it|to the exit|from A to B|]
[is there|what is|which is] [a|the] way [out|through|from start to goal]
[what is|tell me|count|give] the [minimum|smallest|fewest|least] number of [steps|moves] [to reach the goal|from S to G|needed|]
how many [steps|moves] does the shortest [path|route] [take|have|need]
how [many steps|long] is the shortest path
[predict|produce|give|work out|generate|derive|infer] the [test output|missing output|output grid|output for the test input|last grid]
[infer|find|discover|apply|figure out] the [rule|pattern|transformation|common rule] [and apply it to the test input|from the examples|that maps input to output|and complete the last one]
what [does|should|would] the [test output|last grid|output|missing grid] look like
[respond|reply|answer|return|output] [with|] only [with|] [your answer|the answer|the result|the solution|the grid|the number]
[return|give|print|output|format] [the solved grid|the answer|the solution|it] as [81 digits|a string|JSON|a list of lists|nine rows|text|a grid|rows separated by newlines|numbers separated by spaces]
your [final answer|answer|output|response] should [just|only|] be the [output grid|number|solution|grid] itself
your output should be a sequence of [directions|moves|numbers]
[give|write|return] only the [number|grid|solution|digits|answer|path] [as your final answer|], [no|without] [other text|explanation|formatting|commentary]
no [explanation|explanations|commentary|extra text|words] [please|needed|necessary], just the [solution|answer|grid|path]
[just|only] the [solution|answer|grid|digits|path] [please|is enough|will do|]
[do not|don't] [explain|write anything else|add anything|comment]
[think|work] step by step [before you answer|]
[show|describe|explain] [your work|your working|your reasoning|how you derived the rule|your overall reasoning process] [in detail|] before you [submit|answer|give] [your answer|]
[I'm|I am|we are] [stuck|lost] [on|with|at] {it} [, can you help|, help|, please finish it|]
[I can't|I could not|we can't|I cannot] [finish|solve|get through|complete|figure out] {it} [, help me please|alone|myself|]
[help|help me|a little help|need help|help needed] [with|solving|finishing] {it} [please|]
[could you|can you] [help me|give me a hand] [with|on] {it}
[use|replace|mark] [the path with|it with] ['o'|dots|asterisks|x]
make [each|every] [row|column|box] [contain|hold] [all digits|1 to 9] [exactly once|]
[sort|reverse|rotate|transpose|classify|label|simulate|evaluate|schedule|convert] [it|this|these|the input|the numbers|the matrix|the list] [please|for me|]
[which|what] [label|class|category|action|number] [does this get|is it|goes here|comes out]
[solve|complete|do] the [next one|second one|others|rest] [too|as well|]
[go|go ahead|your turn|over to you|good luck|ready|have a go]
[I|we] need [it|this|the answer|the {sol}] [solved|by noon|today|quickly|asap|done]
[if there is no|if no] [path|solution|way] [exists|], [simply|just|] [write|say|answer|return] ["infeasible"|none|"no"|-1]
can a robot [at S|] reach [G|the goal]
[check|solve] this [out|] for me
is [it|this] [solvable|possible]
[what goes|which digits go|what belongs|what comes] [in|into|in the] [the|] [blanks|empty cells|missing cells|gaps|dots]
[walk|guide|lead|navigate|get] [me|us|the robot] [from S to G|out|through|to the exit]
[every|all] [solution|solutions|answer|answers] please
[let me|let's] [see|have|hear] the {sol}
[solution|answer|result|output|path] [please|?|wanted|needed]
"""

FRAME = """
[I|we] [copied|pasted|exported|scanned|took|typed|got] [it|this|the grid|the sudoku|the maze] [from a website|out of a spreadsheet|from Excel|from a photo|from the newspaper|off my phone|from a PDF]
[with|] [many|warm|kind|best] [thanks|regards|wishes|greetings] [in advance|,|]
[it|this] is due [tomorrow|tonight|on Monday|in an hour]
[stuck on|working on|here is|this is from] [an assignment|a homework|my exercise sheet|a worksheet] [, given|. given|]
[#|x|'X'|0|1|.|] [=|:|is|marks|means] [a|the|] [wall|passage|floor|free cell|open|path|goal|start|exit|corridor|obstacle|hedge]
[hashes|stones|stars|black squares] are [brick|stone|solid|walls] , everything else you can [walk on|cross|use|step on]
[the|our|his|that|this] {noun} [in {place}|of the club|next door|] [is|was|seems|looks|became|remained] [cheap but small|quite old|better than last year|open until nine|under repair|closed on Mondays|a disappointment|full of people|nearly ready]
[we|I|they|she|he|people] [met|saw|bought|sold|found|lost|painted|visited|moved|built|borrowed] [a|the|some|his|our] {noun} [last summer|in {place}|after lunch|without much trouble|for almost nothing|on the way home|years ago|together]
[I|we] have been [thinking|talking|reading|dreaming|worrying] about [how we might organise the summer meeting|the {noun}|moving to {place}|our plans|that evening|the old days] [for a while|lately|,|]
[there|here] [are|were|is|was] [a few|some|several|many|hardly any|no] [points worth raising|people outside|things to do|letters in the box|reasons to stay|seats left|{noun}s around]
[first of all|in the end|meanwhile|later|after that|as usual|of course|to be fair] [the {noun}|we|everyone|my uncle|nobody|the guide] [arrived late|left early|was tired|laughed|said nothing|agreed|went back to {place}]
[when|while|before|because|although] [the {noun} stopped|we arrived|it got dark|the rain began|the others slept] , [I|she|we|somebody] [opened the bag|lit a candle|found this on the table|pulled out a pencil|began to read|told the story of the {noun}]
[it|that] [took|cost|lasted] [three hours|a fortune|longer than expected|half the night] [and|but] [was worth it|nobody complained|we were happy|the view was fine]
[he|she|my teacher|the old man|a stranger] [smiled|nodded|handed me a sheet|wrote this down|asked me to try|kept sighing over this grid] [and|,] [said nothing|walked away|went to bed|looked at the {noun}]
[I|we] [took a photo|made a copy|kept the page|wrote it out|saved it] [of it|for later|by hand|]
[the winner|whoever solves it|the first] [gets|wins|receives] [a mug|a free drink|a subscription|nothing]
[I|we] [give up|surrender|am beaten|have had enough|cannot see it|am almost there|am so close|am not getting anywhere|am at a loss] [now|on this one|here|but row 7 won't work out|]
[I reckon|I think|I believe|I guess|I suspect] [there's only one way to fill that|it is solvable|the corner is the key|there is a trick|it's a hard one|there is just one way]
[time|ready|up] for a [quick|new|fresh|little] [sudoku|maze|puzzle|challenge|game] [here goes|anyone|]
[easy|hard|tough|nice|nasty|long] one [today|this time|again|]
my [grandfather|aunt|teacher|neighbour|mother] [never|almost|once] [managed|wanted|tried] to [complete|solve|finish] [it|the following|this one|them]
[greetings|good day|hello friend|yo|hiya|dear sir|dear madam|salutations] [,|!|]
[a|the] [mouse|robot|cart|knight|player|delivery van|dog|drone] [is|stands|starts|waits|must go] [at S|in the corner|from S to G] [and|,] [smells cheese at G|wants to reach G|has to get out|without wasting a step|]
[four-way|diagonal|orthogonal|only straight] moves [only|are allowed|are not allowed|]
[x|#|*|o] marks [nothing|the walls|the spot|free cells] [, # blocks you|]
[blank|open|missing|unknown] [squares|entries|digits|fields] [appear|show up|are given|are written] as [dots|zeros|dashes|spaces|question marks]
[here|so here|ok here|and here] [goes|it is|we go|you go|they are|it comes]
[I|we|he|she|my aunt|the kids] [typed|copied|scanned|drew|bought|printed|received|photographed|transcribed|jotted down|dug out] [up|] [it|this|this one|the puzzle|the grid|the board|the maze|that one] [from|in|at|off|out of] [page 9|a cereal box|the weekend paper|the dentist's waiting room|the museum|a flyer|an old book|my notebook|the internet]
[zeros|dots|blanks|stars|underscores|question marks] are [the squares|the cells|those|fields] [nobody has filled in|that are open|not filled|to be filled|still missing] [yet|]
[hashes|stars|letters|crosses|hash signs|blocks|X|W] are [brick|walls|obstacles|blocked|hedges|shelves|stone] [, everything else|, the rest|, all others|and the rest|and everything else] [you can walk on|is free|is open floor|is floor|can be crossed]
[S|A|E|P|*|i] [=|is|means|stands for] [stairs|start|entrance|door|where I stand|the player|home] , [G|B|X|T|o] [=|is|means|stands for] [gate|goal|treasure|exit|target|its dock]
[floor plan|plan|map|layout|sketch] of [level 2|the office|our garden|the warehouse|the cellar|the castle]
[no.|nr.|number|puzzle|#] [12|1843|7] [in|from|of] the [paper|magazine|booklet|app|series] [this morning|today|]
[the app|the paper|the book|my wife|the website|the magazine] [says|calls it|rates it|claims it is] ["diabolical"|evil|level five|the hardest yet|beginner level|nothing special|four stars]
[it|this one|this thing|that puzzle|the last one] [is driving me nuts|keeps me awake|has beaten me|makes no sense to me|gives me a headache|is too much for me|defeats us all|looks innocent]
[my dad|somebody|the previous owner|my son|whoever had it before] [left it half done|started it|gave up on it|began with a pen|made a mess of it]
[I'm|I am|I was|we were|my robot is|the mouse is|my vacuum starts] [standing|sitting|waiting|parked|lost] at [S|the start|A|the entrance|the top left] [and|] [would love to be at G|want to reach the exit|need to get to G|its dock is G|]
[we|they|my sister and I] [have|had] [been arguing|a bet|a competition|a long discussion] about [it|this|that one] [all evening|since lunch|for days|]
[yesterday|last night|on Saturday|this morning|over lunch|after work] [I|we|my brother|the whole family] [sat|was|were|spent an hour] [on the train|at the kitchen table|in the garden|with it|over it] [and|,] [got nowhere|gave up|nearly made it|had fun|fell asleep]
[it|the weather] [has been raining|was raining|is cold] [all week|outside|again] [and|, so] [we do puzzles|we stay in|there is little else to do]
[the kids|the guests|my parents] are [asleep|visiting|coming over|here] [and|,] [want the solution|I have time|we are bored|are waiting for it]
[somebody|my sister|a colleague] bet me [ten euros|a coffee|dinner] that [I could not do it|nobody can solve it|it takes an hour]
[the|my] [paper|printout|page|screenshot] [is torn|was wet|is hard to read|had coffee on it] [but|,] [this is what it says|here it is|the grid is complete]
[it's|it is|this is] [for|part of] [a newsletter|homework|a contest|a friend|my puzzle club|a treasure hunt|the school fair]
[I|we] [have|had] [already|] [tried|filled|found|checked] [everything|some cells|a few digits|all the corners|for hours|twice] [but|and|, then] [got stuck|it did not work|gave up|no luck|ran into a contradiction|]
[the goal|the aim|the object|the idea] is to [place the digits 1 to 9|reach the exit|get from S to G|find the rule|fill every cell]
[digits|numbers|colours|letters|cells] [run|go|are] [from|] [1 to 9|0 to 9|left to right|row by row|top to bottom]
[below|above|attached|underneath|next] [you will find|you find|is|comes|follows] [the grid|the puzzle|what I have|the maze|all of it|the board]
[everything|all] [after|below|above] the [line|colon|dashes] is [the puzzle|the input|data]
[hi|hello|hey|good morning|dear all|hi there|good evening|greetings] [there|everyone|team|]
[thanks|thank you|many thanks|cheers|thanks in advance|thx|much appreciated] [a lot|so much|for your help|]
[please|ok|okay|well|so|right|alright|fine]
[here is|here's|this is|below is|here comes|I have|we have|there is|consider|take|look at] [a|the|my|today's|an|another|one more|the following] [puzzle|sudoku|maze|grid|board|problem|one|task|floor plan|table|labyrinth|input|matrix|list]
[I found|I got|I saw|my friend sent me|my daughter brought home|they printed] [it|this|this one] [in the newspaper|on a train|in a magazine|on my phone|at school|in grandma's attic|today|yesterday]
[it|this|the puzzle] [is from|comes from|was in] [the newspaper|an app|a book|the Sunday edition|a contest|work]
[it|this one|the puzzle] is [rated|marked|called|said to be|] [hard|easy|evil|fiendish|medium|difficult|very hard|expert level]
my [friend|brother|teacher|colleague|wife] [says|thinks|claims] [it cannot be done|it is easy|it's impossible|it's very hard]
[legend|key|notation]: [# is a wall|'#' = wall, '.' = floor|0 means empty|X blocked, O open|dots are blanks|S start, G goal]
[walls are|# is a wall|# marks walls|blocked cells are #] [and|,] [spaces are free|. is open|dots are floor|S is the start and G the goal]
[S|A|*|s] [is|marks|stands for|=] [the start|your starting point|the entrance|where I am] [and|,] [G|B|#|e] [is|marks|stands for|=] [the goal|the exit|the destination]
[0|a dot|an underscore|.|_|a blank|a space|x|a star] [means|is|stands for|marks|denotes|=] [an empty cell|a blank|unknown|nothing there|a free square]
[empty|blank|unknown|open] cells are [0|dots|underscores|marked with a dot|shown as zeros|left out]
[you may only|you can only|moves are|only move] [move|] [up, down, left and right|in four directions|orthogonally|no diagonals]
[standard|normal|usual|classic] [sudoku|] rules [apply|]
[each|every] row, [each|every|] column and [each|every|] [3x3|] box [must|should|has to] [contain|hold|have] [the digits|the numbers|] 1 to 9 [exactly once|]
the grid is [represented|given|shown|written] as [a matrix|rows|a string|text|json|a list] [with the following types of cells|]
[example|input|output|test|puzzle|maze|grid|pair|case] [1|2|3|A|]
[grid|maze|sudoku|puzzle|input|board] [below|above|follows|attached|number 3]
[the first|the second|the third|number one|number two|one|another] [one|is|maze|sudoku|puzzle|grid]
[find|] the common rule that maps an input grid to an output grid, given the examples [below|above]
here are some examples of a grid transformation
your task is [to find the shortest path|to complete the puzzle|the following|to fill the grid]
an open cell
a blocked cell
moving only through open cells
[two|three|several|a couple of|many|some] [puzzles|mazes|sudokus|problems] [for you|today|below|in one go|]
[I have been|I've been|been] [at it|working on it|stuck|staring at it] for [hours|an hour|days|ages]
[no hurry|no rush|take your time|it is urgent|as soon as possible]
[sorry|apologies] for [the bother|the formatting|my English|the scan]
[from|see|copied from] [page 12|puzzle 47|the magazine|issue 3|the app|level 5|no. 118]
[I am|we are] [playing|doing|solving|trying] [it|sudoku|puzzles|mazes] [on the train|with my son|tonight|for fun]
[then|and|or|after that|next|also|but|below|above]
"""

EXTRA = """
[explain|state|describe|summarise|spell out|put] [the|this|that|your] [rule|pattern|transformation|method|idea|strategy|logic|path] [in one plain sentence|in plain words|in plain English|in two sentences|for laymen|in your own words|informally]
[then|afterwards|also|] [explain|describe|tell me|tell us|say|point out|discuss] [which|what|where|how|why] [cell|row|number|digit|step|turn|corner|rule|move] [you|a person|a beginner|one] [filled first|took|found hardest|should look at|would start with|chose|used] [and why|first|]
[explain|describe|report|recount] [the|your|its|this] [choice|approach|thinking|logic|idea|walk|answer|result|solution|outcome] [and why|in words|to me|briefly|at length|in the style of a nature documentary|]
[also|and|by the way|plus|oh and] [is|was|are|does|do|did|can|will] [Pluto a planet|the moon made of cheese|it legal to keep bees|whales fish|coffee good for you|a tomato a fruit|penguins fly|Latin hard to learn] [again|really|today|]
[what|which|who] [is|are|was] your [favourite|preferred|least favourite] [opening in chess|film|colour|song|puzzle|book|food] [, by the way|]
[name|pick|choose|recommend|suggest] [a|me a|us a] [good|nice|cheap|decent] [wine|film|book|novel|restaurant|hotel|present|song] [to go with lasagne|for tonight|set in a labyrinth|for my aunt|in Rome|about chess|]
[how|why] [do|does|did|can|is] [bees|birds|cats|planes|ships|I|the sky|rainbows|volcanoes] [find their way home|fly|stay afloat|blue|remove red wine stains|form|get rid of moths]
[give|turn|wrap] [it|the whole thing|this|the result|everything] [a|into a|in a] [spooky|funny|romantic|silly|dramatic] [backstory|story|plot|song|lullaby|legend|ending]
[phrase|word|present|deliver|announce] the [outcome|result|answer|solution] as [a telegram from 1912|a weather report|a news flash|a love letter|a football commentary]
[an|a|with an|plus an] [apology|birthday greeting|catchy headline|motivational quote|polite refusal|invitation|obituary|thank-you note] [to my neighbour|for uncle Bob|for last night's noise|I can print beneath it|for the club|]
[list|name|give] [five|three|ten] [uses|reasons|arguments|ways] [for|to use|of using|against] [old newspapers|egg boxes|doing puzzles before breakfast|getting up early|coffee grounds]
[tell|remind|warn] [my students|the readers|my niece|the children|us] [which|what|why|how] [deduction|step|mistake|trick] [they are most likely to miss|is the nicest|to avoid|comes first]
[a|an|with a|plus a] [plain-language|short|step by step|brief|clear] [account|lesson|history|story|summary|overview|comparison] of [how a human would get there|how people attack such things|these puzzles|the method]
[what|why] made [these things|such puzzles|it|them] [take off|popular|famous] [in the eighties|in Japan|worldwide|]
[convert|change] [14 miles|30 pounds|100 dollars|6 feet|80 fahrenheit] [to|into] [kilometres|kilos|euros|metres|celsius] [for me|]
[two|three] [jobs|things|questions|wishes] : [the puzzle|this grid|this] [underneath|below|] and [an apology|a question|a joke|a poem|advice] [for my neighbour|about bees|too|]
[my|our] [niece|boss|son|class] asks why [the sky is blue|cats purr|we yawn] [, what do I tell her|]
[tell|let] me [honestly|know|briefly] [whether|if] [a twelve-year-old|my mother|a machine|anyone] could [manage that|do it|have solved it]
[explain|describe|justify|clarify|comment on|discuss] {part} [to {who}|in simple words|in one sentence|like a pirate|]
[explain|tell me|tell us|show me|teach me] [how|why] [you|one|we|it] [found it|works|got there|did it|would start|solved it|chose that]
[explain|tell me] [why|how come] [it is unique|the path turns left|the digit must be 7|this is hard]
[write|compose|draft|make up|invent|create|add|include|give me|produce|pen] [a|an|one|me a|a short|a funny|a two-line|a 60-word] {piece} [about {about}|on {about}|for {who}|with it|to go with it|]
[write|draft|send|prepare] [an e-mail|a message|a note|a letter|a report] to {who} [about {about}|that explains {about}|with the result|]
[tell|say|note|mention] [me|us|in one sentence|briefly|] [why|who|when|where|what|which] {topic} [is|are|was|were] [popular|famous|invented|useful|called that|important|so hard]
[what|which] [should I|could I|shall we] [cook|eat|wear|read|watch|buy|visit|play|say] [tonight|tomorrow|for four people|on Sunday|next|in Rome|with the children]
[what|who|which|when|where] [is|was|are|were] [the capital of Peru|the inventor of {topic}|the history of {topic}|the tallest mountain|the best book about {topic}|{topic}|the meaning of the word]
[compare|contrast] {it} with [an IQ test|a crossword|chess|another puzzle|a labyrinth|last week's]
[which|which one|which of them|what] [is|was|looks] [the|] [hardest|harder|easiest|easier|longest|nicest|more difficult|prettiest]
[how|] [hard|difficult|easy] [is it|would you rate it|is this one|is that for a person] [on a scale of 1 to 10|]
[rate|estimate|judge|assess|rank|grade] [the difficulty|how hard it is|its difficulty|them by difficulty|them]
[argue|discuss|say|tell me] whether [it|the maze|the puzzle|this] is [easy or hard|fair|well made|fun|suitable for {who}]
[translate|put|render] [it|that|your answer|the instructions|the rules|this sentence|the explanation] into {lang}
[summarise|summarize|sum up] [the history of {topic}|{topic}|what you did|this article|the rules] [in two sentences|in three bullet points|for my slides|briefly]
[list|name|give|suggest|recommend|propose] [me|] [three|five|some|two|a few|ten] [tips|books|names|techniques|strategies|apps|ideas|movies|exercises|facts about {topic}|similar puzzles|titles|reasons]
[suggest|propose|think of|invent|find|come up with] [a|] [title|name|slogan|theme|caption|nickname|motto] for [it|a book|the puzzle|my blog|a children's book|the newsletter|our club]
[describe|narrate|retell|present|announce] [it|the path|the solution|the walk|what you did] [as if you were|in the style of|in the voice of|like|as] [a tour guide|a pirate|Shakespeare|a sports reporter|a detective|Yoda|a noir novel]
[what|which] [solving|] [technique|techniques|strategy|strategies|methods|trick] [is|are|did you|should a beginner|would you] [needed|use|learn first|recommended|used|recommend]
[give|show|write|leave] [me|] [a|one|the first|a small] [hint|clue|tip] [that gives the rule away only halfway|for {who}|only|first|too]
[also|] write [{algo}|{algo} code|a {algo} function|a unit test|a program] that [checks the result|prints it|verifies the answer|draws it|validates it]
[tell me|answer|explain|say|add] [what a Latin square is|what backtracking means|the difference between BFS and DFS|what P versus NP means|what entropy is]
[answer|solve] [the|this|my] [riddle|question|trivia question|second question|other question]
what has keys but cannot open locks
[my|the|one|another] [second|other|last|next] [question|request|wish|thing] [is|:] [what to cook|about the weather|how tall is Everest|who won]
[convert|turn|make] [it|the solution|the path|the result] into [a table in LaTeX|an HTML page|a story|a tweet|a lesson plan|a Christmas card|audio instructions]
[plan|design|outline|sketch] [a lesson|a workshop|a party game|an advertisement|a puzzle night] [around it|for {who}|based on it|]
[what|how] [do you think|do you feel|would you say] about [it|{topic}|the design|the symmetry]
how would you [teach|explain|present|sell|introduce] [it|this|{part}] to {who}
[how|why] [does|do|did|is|are|was] {topic} [work|so popular|matter|invented|relate to {topic}|considered hard]
[why|how] [is|would|might|could] [a right-hand-on-the-wall walker|a mouse|a person|a robot|brute force] [take longer|fail|do it|get lost]
[together|along|combined] with [a|an] [friendly|short|witty|detailed|60-word|brief|formal] [introduction|explanation|comment|{piece}|description] [of about 60 words|for {who}|]
[tell|recite|share] [me|us|] a [joke|story|fun fact|proverb|secret] [about {about}|about {topic}|]
[who|when] [invented|created|published|popularised] {topic}
[and|also|plus] [the|a] [weather in Paris|moral of the story|story behind it|fun fact|brief explanation|short explanation|history lesson]
[with|including] [a|] [step-by-step explanation|detailed explanation|full explanation|justification for {part}|commentary]
[remind me|wish me|congratulate {who}|apologise to {who}|thank {who}] [to buy milk|good luck|on the birthday|for the delay|]
how many [people|countries|days|sudokus|mazes|solutions|planets] [are there|exist|can there be|play sudoku|does it have]
[what|which] [row|column|digit|cell|corner|square] [has the largest sum|is the most constrained|comes up most|would you fill first|contains the most sevens]
[create|generate|design|make|invent] [another|a similar|a harder|an easier|a new] [one|puzzle|maze|sudoku|grid] [for {who}|like it|]
[verify|double-check|prove|show|confirm] that [the solution is unique|there is no shorter path|no other answer works]
how many [dead ends|loops|junctions|walls|open cells|turns|rooms|corners|empty cells|blanks|clues|different solutions] [does|has|are in|can you count in] [it|this maze|the maze|this one|the grid] [have|contain|]
[redraw|redesign|restyle|prettify|beautify|reformat] [it|my maze|the maze|this grid] with [nicer characters|box drawing characters|thicker walls|emoji|unicode blocks|colours]
[what|which] [percentage|share|fraction] of [the cells|it|the maze] [is|are] [walls|open|blocked|given]
[then|and then|also|] [write|give me|draft|think of] [a|one] [hint|nudge|clue|tip] [that does not spoil it|that gives only half of it away|for whoever gets stuck]
[say|add|tell me|a word on|a line on|two lines on] [where|when|how] [this kind of puzzle|such puzzles|it|the idea|the name] [comes from|started|came up|was born]
[walk|talk|take] [me|us|{who}|a newcomer] through [your reasoning|how you did it|the steps|the logic|the first moves]
what would [Einstein|Sherlock Holmes|a philosopher|my cat] [say|think|do] [about it|]
"""

STATEMENT = """
[which|what|how] [data structure|data type|struct|class|schema|enum|array type|encoding] [should I use|is best|fits|would you choose] [for|to store] [something like this|such a board|this grid|a maze]
how [should|do|can|would] I [store|model|represent|serialise|hold|keep] [something like this|such a thing|this|a board like that] in [a|an|my] [{algo}|Rust|C|] [struct|database|class|table|json file|array|config]
[a|my] [stack trace|traceback|error message|segfault|RecursionError|IndexError|NullPointerException] [below|follows|:|]
[implement|complete|define] [shortestPath|solveSudoku|isValidSudoku|findPath|solve] [grid|board|] in {algo}
[expected|required|target] [complexity|runtime|output] [O n m|is linear|]
[leetcode|hackerrank|codeforces|advent of code|kattis] [37|problem|day 12|]
[write|implement|code|develop|create|give me|design|program] a [{algo}|] [function|program|script|class|solver|method|algorithm] [that|to|which|for] [solves|solve|solving|finds|find|completes|reads|takes] [a sudoku|sudoku puzzles|mazes|such a grid|the shortest path|it|this|boards like this one|a 9x9 board|any puzzle|an input like this]
write a program to solve a Sudoku puzzle by filling the empty cells
given [an m x n|a|an n x n|a 9 x 9|a binary] [grid|matrix|board|integer array], [return|determine|find|count|compute] [if|the number of|the length of|whether|the minimum] [it is valid|islands|the shortest path|cells|moves]
[constraints|example|examples|explanation|note|follow-up|sample input|sample output|input format|output format|time limit|memory limit|hint]:
the first line [of input|] contains [two|an|three] integers [n and m|T, the number of test cases|N]
[each of|] the next [n|N|T] lines [contains|contain|describes|describe] [a string|m characters|a row of the grid|a test case]
[print|output] [one line per test case|a single integer|the answer modulo 1000000007|YES or NO|-1 if it is impossible]
board.length == 9 [and|] board[i].length == 9
1 <= n, m <= [100|1000|200]
[my|this|the following] [code|function|solver|program|script|loop|test] [does not|doesn't|fails to|crashes|returns the wrong|is too slow|throws an error] [work|on this input|grid|result|]
[why|how] does [my|this|the] [code|function|solver|recursion|loop|unit test] [fail|crash|never end|return None|get stuck] [on this board|]
[how|] [can|could|should|do] I [parse|store|represent|read|load|print|generate|encode] [this|such a|a|the] [grid|board|maze|string|puzzle] in {algo}
[what is|tell me] the [time|space|worst-case] complexity of [this|solving this|the algorithm]
[refactor|review|debug|fix|optimise|document|test] [this|my|the] [code|function|solver|class|test|snippet]
[use|using|with] [recursion|backtracking|dynamic programming|numpy|a priority queue|BFS|bit masks] [in {algo}|]
def [solve|find_path|is_valid|main](board): return
for i in range(9): for j in range(9):
[unit test|test case|fixture|assert] [for|in] my [parser|solver|library]
[explain|show] how to [solve|program|model] [sudoku|mazes|this] [in {algo}|with an integer program|with a SAT solver|with BFS]
int main() vector<vector<int>> grid
[write|implement|code] [a|me a|] [Rust|Go|C|C++|Python|Java|Haskell|] [sudoku|maze] [solver|program] [with bitmasks|with backtracking|using dancing links|with A*|]. The input is [a string|a line|a grid|a file] like [read from stdin|given as an argument|]
a string like this one [should|must] be [accepted|rejected] by [my|the] [regex|regular expression|parser|validator]
"""
