// Everything the browser itself is the instrument for. Order matters once: permissions before the first press.
import "./csrf.js";
import "./toast.js";
import "./actions.js";
import "./regions.js";
import "./lists.js";
import "./select.js";
import "./freshness.js";
import "./feed.js";
import "./follow.js";
import "./live.js";
import "./dialog.js";
import "./menu.js";
import "./kinds.js";
import "./dock.js";
import "./kept.js";
import "./keys.js";
import "./rehearsal.js";
