# ruff: noqa: E501
"""How people ask for a Sudoku; the router's text classifier learns from it.

`{problem}` is where the grid goes, `[a|b]` are choices.
"""

from __future__ import annotations

PHRASES = (
    "[please|] [solve|complete|finish|crack] [this|the|my|the following] [9x9|] sudoku [puzzle|grid|board|] [for me|] {problem}",
    "[can|could|would] you [solve|finish|complete|fill in] [this|my|the|today's] sudoku [please|for me|]? {problem}",
    "[fill|put|write] in the [missing|remaining|open] [digits|numbers|cells] [of this sudoku|of the grid|] {problem}",
    "fill [in|] the [blanks|empty cells|empty squares] [of my sudoku|standard sudoku rules|] {problem}",
    "complete this 9x9 grid so that [each|every] row, column and [3x3|] box [has|holds|contains] the digits 1 to 9 {problem}",
    "[what is|what's|give me|I need|show me] the [solution|answer|completed grid|finished grid] [of|to|for] [this|my|the] sudoku {problem}",
    "I'm stuck on [this|today's|a] sudoku, [can you finish it|help|please help] {problem}",
    "[here is|this is|below is] [a|my|the] sudoku [from the newspaper|from today|] , [please solve it|what is the solution|finish it] {problem}",
    "[which|what] digits [go|belong] in the [blanks|empty cells|dots] of this sudoku? {problem}",
    "sudoku: {problem} [solve|solution please|finish it]",
    "[row|line] by [row|line], my sudoku reads {problem}, [blanks are zeros|dots are blanks|empty cells are 0]; [solve it|complete it]",
    "return the solved [sudoku|grid] as 81 digits {problem}",
    "[help me|I need help|a hand] [with|solving|finishing] [this|a|my] [hard|easy|evil|diabolical|] sudoku {problem}",
    "the sudoku has [these|the following] [clues|givens]: {problem}. [find|work out|give] the rest",
    "[my|the] sudoku has a 5 in the first row, third column, {problem} , [fill in the others|what are the other digits|solve it]",
    "[work out|find|determine] [every|all the] missing [digit|number] [in this sudoku|in this 9 by 9 grid] {problem}",
    "[kannst du|könntest du|bitte] [dieses|mein|das] Sudoku [lösen|vervollständigen|fertig machen]? {problem}",
    "[löse|vervollständige|ergänze] [bitte|] [dieses|folgendes|das] Sudoku [für mich|] {problem}",
    "[trage|fülle] die fehlenden [Ziffern|Zahlen] [in das Sudoku|] [ein|aus] {problem}",
    "[résous|complète|termine] [ce sudoku|cette grille de sudoku] [s'il te plaît|] {problem}",
    "[peux-tu|pouvez-vous] [résoudre|finir|compléter] [ce|mon] sudoku ? {problem}",
    "[resuelve|completa|termina] [este|mi|el siguiente] sudoku [por favor|] {problem}",
    "[puedes|podrías] [resolver|terminar] este sudoku? {problem}",
    "[risolvi|completa|finisci] [questo|il mio] sudoku [per favore|] {problem}",
    "[resolve|resolva|completa] [este|o meu] sudoku [por favor|] {problem}",
    "[los deze sudoku op|kun je deze sudoku oplossen|vul deze sudoku in] [alsjeblieft|] {problem}",
    "[rozwiąż|dokończ|uzupełnij] [to|moje] sudoku [proszę|] {problem}",
    "[реши|заполни|закончи] [это|моё|пожалуйста] судоку {problem}",
    "[bu|şu] sudokuyu [çöz|tamamla|çözer misin] {problem}",
    "[请|帮我] [解|完成] [这个|下面的] 数独 {problem}",
    "[この|次の] 数独を [解いて|完成させて] [ください|] {problem}",
    "이 스도쿠 [를|좀] [풀어 줘|완성해 줘] {problem}",
    "[حل|أكمل] هذا السودوكو [من فضلك|] {problem}",
    "इस सुडोकू को [हल|पूरा] करो {problem}",
    "[lös|løs] [det här|dette] sudokut [tack|] {problem}",
    "[vyřeš|dokonči] toto sudoku [prosím|] {problem}",
)
