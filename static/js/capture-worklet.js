// On the audio thread: what the microphone hears becomes 16 kHz, mono, signed 16 bit, in frames of 40 ms. While the gate is open
// they go straight to the worker that holds the socket; the page only hears how loud it is.
import { Resampler } from "./resampler.js";

const RATE = 16_000;
const SAMPLES = 640; // 40 ms, 1,280 bytes
const LEVEL_EVERY = 800; // samples, 50 ms

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(SAMPLES);
    this.filled = 0;
    this.press = ""; // what the sound belongs to, "" while the gate is closed
    this.isOver = false;
    /** @type {MessagePort | null} to the worker */
    this.line = null;
    this.peak = 0;
    this.sinceLevel = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  /** @param {{line?: MessagePort, gate?: string, over?: boolean}} told */
  take(told) {
    if (told.line) this.line = told.line;
    if (told.over) this.isOver = true;
    if (told.gate === undefined || told.gate === this.press) return;
    if (this.press) {
      this.post(this.filled); // the last syllable, however short its frame
      this.line?.postMessage({ end: this.press });
    }
    this.press = told.gate;
    this.filled = 0;
  }

  /** @param {number} count */
  post(count) {
    if (!count || !this.line) return;
    const whole = this.frame.slice(0, count);
    this.line.postMessage({ frame: whole.buffer, press: this.press }, [whole.buffer]);
    this.filled = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const heard = inputs[0]?.[0];
    if (!heard) return !this.isOver;
    for (const sample of this.resampler.feed(heard)) {
      const whole = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767)));
      this.peak = Math.max(this.peak, Math.abs(whole));
      this.sinceLevel += 1;
      if (!this.press) continue;
      this.frame[this.filled] = whole;
      this.filled += 1;
      if (this.filled === SAMPLES) this.post(SAMPLES);
    }
    if (this.sinceLevel >= LEVEL_EVERY) {
      this.port.postMessage({ level: 20 * Math.log10(Math.max(this.peak, 1) / 32_767) });
      this.peak = this.sinceLevel = 0;
    }
    return !this.isOver;
  }
}

registerProcessor("capture", Capture);
