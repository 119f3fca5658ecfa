/** Whether a part of the page reads from the right: keys and pointers go the other way there. */
export function isRightToLeft(part: EventTarget): boolean {
  return part instanceof Element && getComputedStyle(part).direction === 'rtl';
}
