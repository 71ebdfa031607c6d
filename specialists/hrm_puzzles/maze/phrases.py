# ruff: noqa: E501
"""How people ask for a way through a maze; the router's text classifier learns from it.

`{problem}` is where the maze goes, `[a|b]` are choices.
"""

from __future__ import annotations

PHRASES = (
    "[please|] [solve|crack|do] [this|the|my|the following] [maze|labyrinth] [for me|] {problem}",
    "[find|show|mark|draw|trace|give me|compute] the [shortest|quickest|best|optimal] [path|route|way] [through|in|out of] [this|the] [maze|labyrinth|grid] {problem}",
    "[find|what is] the [shortest|fastest] [path|route|way] from [S to G|start to goal|A to B|the entrance to the exit] [in this maze|in this grid|] {problem}",
    "how do I get from [S to G|start to finish|the entrance to the exit] in [as few steps as possible|the fewest moves] {problem}",
    "[mark|draw] the [optimal|shortest] route from S to G with ['o'|dots|asterisks] {problem}",
    "can a robot at S reach G? [give the shortest way|find the path] {problem}",
    "path finding: walls are the blocked cells, moves are up, down, left, right {problem} return the path",
    "navigate from [start|S|the start] to [goal|G|the exit] {problem} [legend: # is a wall|]",
    "what is the minimum number of steps to reach the goal {problem}",
    "[your task is to|please] find the shortest path from the start to the destination point in a grid {problem}",
    "[lead|guide|walk|get] [me|my robot|the mouse|the player] [out of|through] [this|the] [maze|labyrinth] {problem}",
    "[help me|I need help to] [escape|get out of|solve] [this|the] [maze|labyrinth] {problem}",
    "[here is|this is|below is] [a|my] maze, [where is the way out|find the exit|solve it] {problem}",
    "[which|what] [way|path|route] leads [from S to G|to the exit|out] [of this maze|] {problem}",
    "maze: {problem} [shortest path please|solve|route?]",
    "this is our [warehouse|floor plan|garden], plan the shortest [walk|route] for [the robot|the cart] {problem}",
    "[the maze has|in the maze there are] walls at {problem}, start in the corner, [find the path|how do I get out]",
    "[is there|find] a way [out of|through] [this|the] maze [and how long is it|] {problem}",
    "[löse|finde den Weg durch] [dieses|das] Labyrinth [bitte|] {problem}",
    "[finde|zeige|zeichne] [mir|bitte|] den kürzesten [Weg|Pfad] [von S nach G|durch das Labyrinth|zum Ausgang] {problem}",
    "wie komme ich [am schnellsten|] [von S nach G|aus diesem Labyrinth] {problem}",
    "[trouve|trace] le chemin le plus court [entre S et G|dans ce labyrinthe|jusqu'à la sortie] {problem}",
    "[résous ce labyrinthe|comment sortir de ce labyrinthe] {problem}",
    "[encuentra|halla|traza] el camino más corto [de S a G|en este laberinto|hasta la salida] {problem}",
    "[resuelve este laberinto|cómo salgo de este laberinto] {problem}",
    "[trova|traccia] il [percorso|cammino] più [breve|corto] [da S a G|in questo labirinto] {problem}",
    "[encontra|encontre] o caminho mais curto [de S a G|neste labirinto] {problem}",
    "[vind|zoek] de kortste [weg|route] [van S naar G|door dit doolhof] {problem}",
    "znajdź najkrótszą [drogę|ścieżkę] [z S do G|przez ten labirynt] {problem}",
    "[найди|покажи] кратчайший путь [из S в G|в этом лабиринте|к выходу] {problem}",
    "[bu labirenti çöz|S'den G'ye en kısa yolu bul] {problem}",
    "[请|] 找出 [从S到G的|迷宫中|] 最短路径 {problem}",
    "[この迷路を解いて|SからGまでの最短経路を教えて] [ください|] {problem}",
    "[이 미로를 풀어 줘|S에서 G까지 가장 짧은 길을 찾아줘] {problem}",
    "[حل هذه المتاهة|أوجد أقصر طريق من S إلى G] {problem}",
    "[hitta|finn] den kortaste vägen [från S till G|genom labyrinten] {problem}",
)
