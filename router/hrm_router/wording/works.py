# ruff: noqa: E501
"""Words that name works of language: what one can ask for beside a solution.

A request for more than the solution says what it wants: to explain, compare, translate
or recommend something, a poem, a letter, a joke, the history or the reason of a thing.
Here are the beginnings of such words in many languages, one line for what is done, one
for what is made, one for what is asked about. Whether a sentence that holds one asks
for it is the classifier's to say; a sentence that holds none seldom does.
"""

from __future__ import annotations

import re
from functools import lru_cache

_BEGINNINGS = """
explain elaborate describ talk walkthrough write compos draft translat summari recommend suggest compar justif rate rank argue discuss narrat recit congrat apolog remind argument backstory list lists brainstorm invent design rewrite rephras teach comment reflect predict verify confirm double-check generalis generaliz criticis criticiz
poem poetry haiku limerick telegram lullab postcard anecdot hymn anthem leaflet brochure flyer sonnet ballad verse rhym song lyric story tale fable joke riddle pun letter e-mail email memo essay article paragraph speech toast slogan headline title caption tweet post blog announcement invitation review summary outline biograph obituary dialogue script screenplay recipe menu advice tip tips hint history histor origin meaning definition explanation description commentary introduction conclusion justification comparison translation summary analogy mnemonic fun-fact trivia quiz lesson proverb quote metaphor moral pep pun dedication note birthday greeting release
why who whom whose wann warum wieso weshalb invented coined popular capital weather wine cook bake dinner wear weather plural feedback debate excuse packing pretend inventor difficulty hardest harder easier trick strategy technique reasoning cleverest interesting psycholog philosoph
erklär erläuter beschreib begründ schreib verfass dicht reim übersetz empfiehl empfehl schlag nenn vergleich bewert beurteil erzähl zusammenfass formulier entwirf erfinde gratulier
gedicht vers vierzeiler zweizeiler lied märchen geschichte witz rätselwitz brief e-mail mail aufsatz artikel absatz rede trinkspruch titel überschrift rezept tipp tipps hinweis erklärung beschreibung begründung einleitung zusammenfassung grußkarte geburtstags gutenacht koch kochen buch bücher film filme fakten wein schwer schwierig leicht erfunden beliebt
expliqu décri racont rédig écri compos invent tradui résum recommand conseil propos cit compar justifi commentez commente évalu
poème haïku chanson histoire conte blague devinette lettre courriel discours titre slogan recette astuce explication description introduction résumé anniversaire livre roman pourquoi inventé difficile facile populaire peint vin cuisiner
explic explíc describ descríb cuént cuent escrib escríb tradúc resúm recomiend recomiénd sugier sugiér redact compón compon invent traduc traduz resum recom sugier suger aconsej compar justif valor evalú opina
poema poesía haiku canción cuento chiste adivinanza carta correo discurso título lema receta consejo historia explicación descripción introducción resumen cumpleaños libro novela tuit por-qué quién cuándo inventó difícil fácil popular vino cocin excusa
spieg descriv scriv compon invent traduc riassum consigl racconta raccontami confront giustific
poesia haiku canzone storia racconto barzelletta indovinello lettera discorso titolo ricetta consigli filastrocca spiegazione descrizione introduzione riassunto compleanno libro romanzo perché difficile facile popolare vino cucinare
expliq descrev escrev redij compõ compon invent traduz resum recomend suger aconselh conta compar justific
poema poesia canção história conto anedota piada adivinha carta discurso título receita conselho dica explicação descrição introdução resumo aniversário livro romance porquê inventou difícil fácil popular vinho cozinhar
leg uitleg uitleggen schrijf beschrijf verzin vertaal vertel samenvat raad aanbeve vergelijk rechtvaardig noem dicht
gedicht rijm liedje verhaal sprookje grap mop brief toespraak titel recept advies tip uitleg beschrijving inleiding samenvatting verjaardag boek waarom uitgevonden moeilijk makkelijk populair wijn koken
wyjaśn opisz opowiedz napisz ułóż wymyśl przetłumacz streść podsumuj polec porówn uzasadn nazwij zaproponuj
wiersz haiku piosenk histori bajk żart dowcip zagadk mail przemów tytuł przepis porad wskazów opis wstęp streszczen życzeni urodzin książk dlaczego kto wynalazł wymyślił trudn łatw popularn wino ugotow
объясн опиш расскаж напиш сочин придума перевед переска посовет порекоменд сравн обоснуй назов предлож поздрав
стих поэм хокку песн истори сказк анекдот шутк загадк письм эссе статью статья речь тост заголов рецепт совет описани вступлен пояснени поздравлен рождени книг роман почему кто придумал изобр трудн сложн легк популярн вино приготов
поясни опиши розкажи напиши склади вигадай перекла порадь порівняй назви вірш пісн історі казк жарт лист тост рецепт порад чому хто винайш книг
vysvětl popiš napiš slož vymysl přelož shrň doporuč porovnej zdůvodn řekni-mi báseň básnič píseň příběh pohádk vtip dopis projev titul recept rad vysvětlen popis úvod shrnut narozenin knih proč kdo vynalezl těžk lehk víno
förklar beskriv skriv dikt hitta översätt sammanfatta rekommend föreslå jämför motiver berätta dikt haiku sång saga historia skämt brev tal titel recept råd tips förklaring beskrivning inledning födelsedag bok varför vem uppfann svår lätt vin
forklar beskriv skriv digt dikt find oversæt oversett opsummer oppsummer anbefal foreslå sammenlign begrund fortæl fortell sang eventyr historie vits vittighed brev tale titel tittel opskrift oppskrift råd tip fødselsdag bog bok hvorfor hvem opfandt fant svær vanskelig nem lett vin
selitä kuvaile kirjoita keksi käännä tiivistä suosittele ehdota vertaa perustele kerro runo haiku laulu tarina satu vitsi kirje puhe otsikko resepti neuvo vinkki selitys kuvaus syntymäpäivä kirja miksi kuka keksi vaikea helppo viini
açıkla anlat betimle tarif yaz bestele uydur çevir özetle öner karşılaştır gerekçe şiir haiku şarkı hikâye hikaye masal fıkra şaka bilmece mektup konuşma başlık tarif tavsiye ipucu açıklama özet doğum kitap neden niçin kim icat zor kolay popüler şarap mesaj
اكتب اشرح صف وصف ترجم لخص اقترح انصح قارن احك احكي قصيدة شعر أغنية قصة نكتة لغز رسالة خطاب عنوان وصفة نصيحة نصائح شرح مقدمة ملخص عيد كتاب لماذا من-اخترع صعب سهل
लिख समझा बता वर्णन अनुवाद सुझा तुलना सुना कविता गीत कहानी चुटकुला पहेली चिट्ठी पत्र भाषण शीर्षक विधि सलाह जन्मदिन किताब क्यों किसने कठिन आसान
כתוב תכתוב הסבר תסביר תאר ספר תרגם סכם המלץ השווה שיר סיפור בדיחה חידה מכתב נאום כותרת מתכון עצה הסבר יומולדת למה מי-המציא קשה קל
εξήγησ περίγραψ γράψε σύνθεσ μετάφρασ πρότειν σύγκριν διηγήσου ποίημα τραγούδι ιστορία παραμύθι ανέκδοτο γρίφο γράμμα επιστολή λόγο τίτλο συνταγή συμβουλ γενέθλια βιβλίο γιατί ποιος δύσκολ εύκολ
jelaskan ceritakan tulis buat karang terjemahkan ringkas sarankan bandingkan puisi pantun lagu cerita dongeng lelucon surat pidato judul resep saran penjelasan mengapa kenapa siapa sulit mudah
magyaráz írj írd mesél fordít foglald ajánl javasol hasonlít vers haiku dal történet mese vicc levél beszéd cím recept tanács születésnap könyv miért nehéz könnyű
explică descrie scrie compune inventează tradu rezumă recomandă compară povesteș poezie cântec poveste basm glumă scrisoare discurs titlu rețetă sfat naștere carte ghicitoare
"""
_INSIDE = (
    "写 寫 作一首 诗 詩 俳句 作文 故事 笑话 笑話 信 邮件 解释 解釋 说明 說明 翻译 翻譯 推荐 推薦 比较 比較 总结 總結 描述 介绍 介紹 为什么 為什麼 谁 誰 历史 歷史 由来 由來 起源 来历 含义 食谱 祝福 生日 讲讲 講 "
    "書いて 書き 詠んで 説明 訳して 翻訳 薦め 勧め 比べ 比較 まとめ 物語 手紙 メール 冗談 歌詞 歴史 由来 起源 意味 なぜ どうして レシピ 誕生日 考えて 紹介 "
    "써 쓰 설명 번역 추천 비교 요약 시를 이야기 농담 편지 연설 제목 역사 유래 의미 왜 누가 조리법 생신 생일 소개 "
    "giải-thích viết kể dịch tóm-tắt gợi-ý so-sánh thơ truyện thư bài-hát tại-sao vì-sao công-thức"
)
_LETTER = r"(?:[^\W\d_]|[\u0591-\u05c7\u064b-\u0652\u0900-\u0963])"
"""Vowel signs included, which stand within words but count as no letters."""
_WORD = re.compile(rf"{_LETTER}+(?:[-'’]{_LETTER}+)*")


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str], int]:
    """Beginnings, words too short to be one, and the longest beginning.

    Scripts that leave out vowels, or write syllables, say more in fewer characters.
    """
    plain = [word.rstrip("?") for word in _BEGINNINGS.split()]
    long = frozenset(word for word in plain if len(word) > (3 if word[0] < "\u0590" else 1))
    return long, frozenset(plain) - long, max(map(len, long))


def names_work(text: str) -> bool:
    """Whether some word of `text` names a work of language."""
    long, short, longest = _known()
    low = text.casefold()
    for word in _WORD.findall(low):
        if word in short:
            return True
        for size in range(2, min(len(word), longest) + 1):
            # a short beginning with much behind it is another word
            if word[:size] in long and len(word) - size <= (2 if size < 6 else 6):
                return True
    return not low.isascii() and any(piece in low for piece in _INSIDE.replace("-", " ").split())
