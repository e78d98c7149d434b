// How long a text takes to say: counts as dashboard/lib/speech.py does (tests/browser/test_composer.py compares the two).
const HAN_PER_S = 4.2;
const WORDS_PER_S = 2.6;
const SENTENCE_PAUSE_S = 0.35;
const COMMA_PAUSE_S = 0.18;
const SHORTEST_S = 0.8;
const LONGEST_NUMBER = 8;
const BREAK = /<break\b[^<>]*?\btime\s*=\s*["']\s*(\d+(?:\.\d+)?)\s*(ms|s)\s*["'][^<>]*>/gi;

/** @param {string} text @param {RegExp} pattern */
const times = (text, pattern) => text.match(pattern)?.length ?? 0;

/** About how many syllables or words a number takes. @param {string} number */
function syllables(number) {
  const [whole, rest] = number.replaceAll(",", "").split(".");
  const tail = rest ? 1 + rest.length : 0;
  if (whole.length > LONGEST_NUMBER || (whole.length > 1 && whole.startsWith("0"))) return whole.length + tail;
  const digits = whole.replace(/0+$/, "") || "0";
  return digits.length + Math.min(whole.length - 1, digits.length - (digits.length === whole.length ? 1 : 0)) + tail;
}

/**
 * Seconds of airtime for `text` in a voice that says Chinese `han` and Latin words `words` times as fast as an unhurried host.
 * @param {string} text @param {{han: number, words: number}} pace
 */
export function airtime(text, pace) {
  let written = 0;
  for (const [, number, unit] of text.matchAll(BREAK)) written += Number(number) * (unit.toLowerCase() === "s" ? 1 : 0.001);
  const plain = text.replace(/<[^<>]*>/g, "");
  const numbers = plain.match(/\d+(?:,\d{3})*(?:\.\d+)?/g) ?? [];
  const said = numbers.reduce((sum, one) => sum + syllables(one), 0) + times(plain, /[%％¥￥$€]/g);
  let han = times(plain, /[\u3400-\u9fff\uf900-\ufaff]/g);
  let words = times(plain, /[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z]+)*/g);
  if (han || !words) han += said;
  else words += said;
  const bare = plain.replace(/\d+(?:,\d{3})*(?:\.\d+)?/g, "");
  const pauses = times(bare, /(?:[。！？!?；;\n]|\.(?=\s|$))[。！？!?；;\n.\s]*/g) * SENTENCE_PAUSE_S + times(bare, /[，、,：:—…]+/g) * COMMA_PAUSE_S;
  const pausing = han / HAN_PER_S >= words / WORDS_PER_S ? pace.han : pace.words;
  const seconds = han / HAN_PER_S / pace.han + words / WORDS_PER_S / pace.words + pauses / pausing + written;
  return Math.max(SHORTEST_S / pausing, seconds);
}
