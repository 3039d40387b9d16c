package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.odradek.api.Abandonment;
import io.odradek.api.Reply;
import org.apache.kafka.common.requests.RequestHeader;

/** One request of a connection and what has become of it. Used on the connection's event loop alone. */
final class Exchange {
    final RequestHeader header;
    /** Version of the response's body. */
    final short version;

    final int requestBytes;
    final long receivedNanos;
    final Abandonment abandonment = new Abandonment();
    private final ByteBuf frame;
    private final RequestMemory.Reservation memory;
    /** Null until it is decided. */
    Reply reply;

    /** @param frame what the request keeps views of; an empty buffer if it keeps none */
    Exchange(
            RequestHeader header,
            short version,
            int requestBytes,
            long receivedNanos,
            ByteBuf frame,
            RequestMemory.Reservation memory) {
        this.header = header;
        this.version = version;
        this.requestBytes = requestBytes;
        this.receivedNanos = receivedNanos;
        this.frame = frame;
        this.memory = memory;
    }

    void decided(Reply reply) {
        this.reply = reply;
        frame.release();
        memory.release();
    }

    /** The reply, if there is one yet, will not be sent. */
    void drop() {
        if (reply instanceof Reply.Respond respond) {
            ResponseRecords.close(respond.response());
        } else if (reply == null) {
            abandonment.abandon();
        }
    }
}
