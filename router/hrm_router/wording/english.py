# ruff: noqa: E501
"""What stands around a problem, in English, by what it means for the rest.

`ASK` asks for the solution or says how it should look; `FRAME` introduces,
explains the notation and the rules, thanks; `EXTRA` wants something else;
`STATEMENT` wants a program or quotes an exercise, so that the problem in it is
an illustration.
"""

from __future__ import annotations

SLOTS = {
    "it": ("it", "this", "this one", "this puzzle", "the puzzle", "the grid", "the sudoku", "the maze",
           "the problem", "the grid below", "the following", "the puzzle above", "these", "them",
           "both", "this thing", "the board", "this table", "the task", "all of them", "the rest"),
    "sol": ("solution", "answer", "result", "completed grid", "solved grid", "finished puzzle",
            "shortest path", "path", "route", "output", "missing output", "missing numbers",
            "filled-in board", "label", "values", "final state", "way out", "output grid"),
    "who": ("a child", "a beginner", "my grandmother", "my class", "a ten-year-old", "my boss",
            "the team", "a colleague", "our customers", "someone who has never seen one", "my son"),
    "piece": ("poem", "haiku", "limerick", "short story", "song", "rap", "joke", "tweet", "blog post",
              "paragraph", "rhyme", "slogan", "letter", "e-mail", "note", "caption", "headline",
              "bedtime story", "dialogue", "press release", "toast", "introduction", "title",
              "summary", "essay", "script", "recipe", "speech", "riddle", "sentence", "hint",
              "quiz question", "social media post", "newsletter item", "fable", "description"),
    "about": ("the result", "it", "the solution", "puzzles", "patience", "the middle row", "the digits",
              "getting lost", "logic", "Sundays", "numbers", "a robot", "the winner", "rainy days",
              "mathematics", "my cat", "the walk", "the answer", "life", "friendship"),
    "part": ("the third row", "the first column", "the middle box", "each step", "the first move",
             "the hardest cell", "the rule", "the last turn", "the method", "the route", "the result",
             "your reasoning", "the strategy", "the centre square", "the trick", "the second block"),
    "lang": ("French", "Spanish", "German", "Japanese", "Italian", "Latin", "Klingon", "Polish"),
    "topic": ("sudoku", "mazes", "Latin squares", "logic puzzles", "labyrinths", "the ARC benchmark",
              "graph search", "backtracking", "pattern recognition", "intelligence tests",
              "newspaper puzzles", "Euler", "Garry Kasparov", "the moon", "Rome", "coffee"),
    "algo": ("Python", "JavaScript", "C++", "Java", "Rust", "Go", "SQL", "a shell script", "Haskell"),
}

ASK = """
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
what would [Einstein|Sherlock Holmes|a philosopher|my cat] [say|think|do] [about it|]
"""

STATEMENT = """
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
a string like this one [should|must] be [accepted|rejected] by [my|the] [regex|regular expression|parser|validator]
"""
