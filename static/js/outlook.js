// When words that are said now would be heard: reckons as dashboard/takeover/eta.py does, from the room's live figures
// (<div id="outlook-7" data-doors=… data-append-from=…>), so that the dock itself never has to be swapped.

/** @param {string | undefined} value */
const number = (value) => (value ? Number(value) : null);

/** The live figures of a room; null where nobody can be heard. @param {string} room */
export function outlookOf(room) {
  const figures = document.getElementById(`outlook-${room}`)?.dataset;
  if (!figures) return null;
  return {
    pace: { han: Number(figures.han) || 1, words: Number(figures.words) || 1 },
    isMeasured: Number(figures.measured) > 0,
    isOpen: "open" in figures,
    doors: (figures.doors ?? "").split(",").filter(Boolean).map(Number),
    mustBeReady: "mustBeReady" in figures,
    insertFrom: number(figures.insertFrom),
    appendFrom: number(figures.appendFrom),
    sentMs: Number(figures.sentMs),
    nowMs: Number(figures.nowMs),
    idleMs: Number(figures.idleMs),
    gapMs: Number(figures.gapMs),
  };
}

/**
 * Milliseconds since 1970, by the server's clock.
 * @param {NonNullable<ReturnType<typeof outlookOf>>} room @param {string} mode @param {number} letGo when the words leave us
 */
export function heardAt(room, mode, letGo) {
  if (mode === "now") return letGo + room.nowMs;
  const ready = letGo + room.idleMs;
  const behind = mode === "append" ? room.appendFrom : room.insertFrom;
  if (behind !== null) return Math.max(behind + room.gapMs, ready);
  if (!room.doors.length) return ready;
  const there = room.mustBeReady ? ready : letGo + room.sentMs;
  const door = room.doors.find((one) => one >= there) ?? Math.max(...room.doors);
  return Math.max(door + room.gapMs, ready);
}
