// Sound of any rate to another one: a windowed sinc, so that what lies above the new half rate is gone, not folded back.
const ZERO_CROSSINGS = 16; // of the sinc on each side: 16 keeps speech to 7 kHz flat and is 1 ms late
const FINE = 512; // points of the kernel per input sample; between two of them it is a straight line

export class Resampler {
  /** @param {number} from samples a second @param {number} to */
  constructor(from, to) {
    this.step = from / to;
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.kernel = new Float32Array(this.half * FINE + 2);
    for (let at = 0; at < this.kernel.length; at += 1) {
      const x = at / FINE;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff);
      const window = x < this.half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half) : 0;
      this.kernel[at] = cutoff * sinc * window;
    }
    this.held = new Float32Array(this.half); // what the next samples still need, silence before the first
    this.at = this.half; // where in it (and what follows) the next sample lies
  }

  /** @param {Float32Array} input @returns {Float32Array} as many as are complete */
  feed(input) {
    const { half, step, kernel } = this;
    const all = new Float32Array(this.held.length + input.length);
    all.set(this.held);
    all.set(input, this.held.length);
    const output = new Float32Array(Math.max(0, Math.ceil((all.length - half - this.at) / step)));
    let made = 0;
    for (; this.at + half < all.length; this.at += step) {
      let sum = 0;
      for (let place = Math.max(0, Math.ceil(this.at - half)); place <= this.at + half; place += 1) {
        const x = Math.abs(place - this.at) * FINE;
        const below = Math.floor(x);
        sum += all[place] * (kernel[below] + (kernel[below + 1] - kernel[below]) * (x - below));
      }
      output[made] = sum;
      made += 1;
    }
    const done = Math.max(0, Math.floor(this.at - half));
    this.held = all.slice(done);
    this.at -= done;
    return output.subarray(0, made);
  }
}
