// What became of something that was asked of the room, shown where the person asked for it.
export class Answers {
  constructor({ log, status, strings, help, stars }) {
    Object.assign(this, { log, status, strings, help, stars });
  }

  // `reply` is the ack or nack, null when the item was only queued or the line went down.
  changed(item, reply, outbox) {
    if (item.frame.t === "msg") this.message(item, reply, outbox);
    else if (reply) this.other(item.frame, reply, outbox);
    else if (outbox && !outbox.open) this.postponed(item.frame);
  }

  message({ frame, failed }, reply, outbox) {
    if (reply?.t === "ack") {
      this.log.acked(frame.cid, reply.seq, reply.at);
      return;
    }
    const why = [this.strings.refused, this.strings[`refused_${failed}`]].filter(Boolean).join(" ");
    const where = outbox?.open ? "sending" : "waiting";
    this.log.pending(frame.cid, frame, failed ? "failed" : where, why);
  }

  // It stays in the outbox until there is a line again.
  postponed(frame) {
    if (frame.t === "help") this.help().waits();
    if (frame.t === "end") this.status.tell(this.strings.end_waits);
  }

  other(frame, reply, outbox) {
    const stored = reply.t === "ack";
    if (!stored) outbox.take(frame.cid);
    if (frame.t === "help") this.help()[stored ? "done" : "failed"]();
    if (frame.t === "rate" && !stored) this.stars().refused();
    if (frame.t === "end" && !stored) this.status.tell(this.strings[`refused_${reply.code}`]);
  }
}
