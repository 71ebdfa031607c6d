"""A text that has hardly a word of training is told, in any script; honest ones are not."""

from __future__ import annotations

import random

import numpy as np

from hrm_specialists.learners.vocabulary import HALF, Vocabulary

LEXICON = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstvz"] * 20
LEXICON = [f"{word}{'xyw'[at % 3]}{chr(97 + at % 26)}" for at, word in enumerate(LEXICON)]


def test_few_honest_texts_of_a_wide_vocabulary_are_refused_and_other_words_are():
    """Words as frequent as in a language: half of them stand in one text alone."""
    rng = random.Random(0)
    zipf = [1 / (at + 1) for at in range(len(LEXICON))]
    texts = [
        " ".join(rng.choices(LEXICON, weights=zipf, k=rng.randint(2, 15))) for _ in range(1600)
    ]
    known = Vocabulary.fitted(texts[:600], np.arange(600) % 5)
    assert len(known.strange(texts[600:])) <= 20
    closed = [" ".join(rng.choices(LEXICON[:30], k=6)) for _ in range(600)]
    known = Vocabulary.fitted(closed, np.arange(600) % 5)
    assert known.least == HALF
    one_new = [text.replace(text.split()[0], "tippo") for text in closed[:50]]
    assert not known.strange([*closed, *one_new, "", "123 456"])
    foreign = [f"how tall is the tower {closed[0].split()[0]}", "please send the menu"]
    assert known.strange(foreign) == [0, 1]


def test_scripts_without_spaces_are_compared_by_pairs_of_letters():
    parts = ["请重置密码", "登录失败", "无法登录", "发票金额错误", "退款申请", "应用崩溃"]
    rng = random.Random(1)
    texts = ["".join(rng.sample(parts, 2)) for _ in range(200)]
    known = Vocabulary.fitted(texts, np.arange(200) % 5)
    assert known.strange([*texts, "今天天气怎么样", "密码登录失败了"]) == [200]
