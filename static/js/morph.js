// Makes an element what a fresh one says, touching only what differs: what stays is neither styled, laid out nor painted
// anew, and keeps its scroll and focus. The same template made both, so children are held against each other in order.

/** What an element was bound to when it came to life: where this differs, the fresh one takes its place. */
const BOUND = /^(id|name|type|role|hx-.*)$/;
/** What the page itself says of an element, and takes away itself: that htmx has it, and that a press of it is under way. */
const OURS = new Set(["data-htmx-powered", "data-busy", "data-elapsed", "data-confirmed"]);

/**
 * @param {Element} current
 * @param {Element} fresh its nodes may be taken out of it
 * @param {(mine: Element, next: Element) => boolean} stays whether a part is left as it is, whatever the fresh one says
 */
export function morph(current, fresh, stays) {
  matchAttributes(current, fresh);
  let mine = current.firstChild;
  for (const next of [...fresh.childNodes]) {
    const region = inner(current, next);
    if (region && region !== mine) {
      current.insertBefore(region, mine); // something left before it
      mine = region;
    }
    if (!mine || (!region && inner(fresh, mine))) current.insertBefore(next, mine); // something appeared before a region
    else {
      const old = mine;
      mine = mine.nextSibling;
      if (old.isEqualNode(next)) continue; // most are, which the browser sees at once
      if (isSame(old, next)) adopt(old, next, stays);
      else old.replaceWith(next);
    }
  }
  while (mine) {
    const old = mine;
    mine = mine.nextSibling;
    old.remove();
  }
}

/** @param {Node} mine the same thing as `next`, and not equal to it @param {Node} next @param {(mine: Element, next: Element) => boolean} stays */
function adopt(mine, next, stays) {
  if (!(next instanceof Element)) mine.nodeValue = next.nodeValue;
  else if (!stays(/** @type {Element} */ (mine), next)) morph(/** @type {Element} */ (mine), next, stays);
}

/** The region in `parent` that is the same one as `node`, if that is one. @param {Element} parent @param {Node} node */
function inner(parent, node) {
  return node instanceof Element && node.id && node.hasAttribute("data-seq") ? parent.querySelector(`:scope > #${CSS.escape(node.id)}`) : null;
}

/** @param {Node} mine @param {Node} next */
function isSame(mine, next) {
  if (mine.nodeName !== next.nodeName) return false;
  return !(mine instanceof Element && next instanceof Element) || (binds(mine, next) && binds(next, mine));
}

/** Whether `one` is bound to nothing that `other` is not. @param {Element} one @param {Element} other */
function binds(one, other) {
  for (const { name, value } of one.attributes) if (BOUND.test(name) && other.getAttribute(name) !== value) return false;
  return true;
}

/** @param {Element} mine @param {Element} next */
function matchAttributes(mine, next) {
  for (const { name } of [...mine.attributes]) if (!next.hasAttribute(name) && !OURS.has(name)) mine.removeAttribute(name);
  for (const { name, value } of next.attributes) if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
}
