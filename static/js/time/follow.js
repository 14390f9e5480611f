/**
 * Follow one message: the picture shows where it comes from and where it goes, time is slow
 * until it has arrived, and then stands.
 */

import { messageState } from "../panel/words.js";
import { TEXTS } from "../texts.js";

/** Milliseconds that are shown after the arrival, so that it is seen: a halo's first third. */
const AFTER = 200;

/**
 * @param {{time: import("./time.js").Time, model: import("../model.js").Model,
 *   picture: import("../picture.js").Picture, selection: import("../selection.js").Selection,
 *   say: (sentence: string) => void}} parts
 */
export function follower({ time, model, picture, selection, say }) {
  /** @type {string|null} */
  let id = null;
  let framed = "";

  const look = () => {
    if (id === null) return;
    const message = model.messages.get(id);
    if (message === undefined) return;
    const keys = [message.from, message.to, ...message.path.flatMap(([from, to]) => [from, to])];
    const shown = [...new Set(keys)].filter((key) => key !== null);
    if (framed !== shown.join()) {
      framed = shown.join();
      picture.frame(shown);
    }
    const over = message.state === "delivered" || message.state === "failed" || (message.state === "received" && message.from === null);
    const ends = picture.flightEnds(id);
    if (over && ends !== null) time.followUntil(ends + AFTER);
    else if (over && (message.done_at ?? message.received_at ?? 0) + 3000 < time.now()) time.followUntil(time.now());
  };

  time.addEventListener("change", () => {
    if (time.followed !== id) {
      const before = id === null ? undefined : model.messages.get(id);
      id = time.followed;
      framed = "";
      if (id !== null) selection.chooseMessage(id);
      else if (before !== undefined && !time.playing) say(TEXTS.time.toldMessage(messageState(before)));
    }
    look();
  });
  model.follow(look);
}
