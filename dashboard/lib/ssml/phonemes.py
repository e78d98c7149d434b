"""Pronunciations: pinyin with tones (002:14027, 14220) and the phonemes of the CMU dictionary (002:14221)."""

from __future__ import annotations

import re

HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_SYLLABLE = re.compile(r"([a-zü]+)([1-5])")
_VOWEL = re.compile(r"(AA|AE|AH|AO|AW|AY|EH|ER|EY|IH|IY|OW|OY|UH|UW)[0-2]?")
_CONSONANT = re.compile(r"B|CH|D|DH|F|G|HH|JH|K|L|M|N|NG|P|R|S|SH|T|TH|V|W|Y|Z|ZH")

#: Which finals each initial takes; ü is also written v.
_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou ê",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng iao o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
_SYLLABLES = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split()) | {
    "hm", "hng", "m", "n", "ng",
}  # fmt: skip


def is_pinyin(syllable: str) -> bool:
    match = _SYLLABLE.fullmatch(syllable)
    return match is not None and match[1].replace("ü", "v") in _SYLLABLES


def is_phoneme(phoneme: str) -> bool:
    """Vowels may carry their stress, consonants never do."""
    return _VOWEL.fullmatch(phoneme) is not None or _CONSONANT.fullmatch(phoneme) is not None


def fault_of(spoken: str, words: str) -> tuple[str, dict[str, object]] | None:
    """What is wrong with pronouncing `words` as `spoken`: a code of faults.WORDS and its values."""
    sounds = spoken.split()
    characters = len(HAN.findall(words))
    if characters and characters == len("".join(words.split())):
        if wrong := next((one for one in sounds if not is_pinyin(one)), ""):
            return "pinyin", {"syllable": wrong}
        return None if len(sounds) == characters else ("syllables", {"words": characters, "given": len(sounds)})
    if all(is_pinyin(one) for one in sounds):
        return None
    wrong = next((one for one in sounds if not is_phoneme(one)), "")
    return ("phonemes", {"phoneme": wrong}) if wrong else None
