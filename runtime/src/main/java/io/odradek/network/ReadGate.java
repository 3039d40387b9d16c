package io.odradek.network;

import io.netty.channel.Channel;

/**
 * Whether a channel is read from: only while there is no reason against it. Used on the channel's event loop alone.
 */
final class ReadGate {
    /** Why a channel is not read from. */
    enum Reason {
        /** The server does not serve yet, or not any more. */
        NOT_SERVING,
        /** It is being decided who this is. */
        IDENTIFYING,
        /** As many requests as may be are in flight. */
        IN_FLIGHT,
        /** The client does not take its responses. */
        RESPONSES,
        /** The memory for requests is used up. */
        MEMORY,
        /** A quota was exceeded. */
        THROTTLED,
        /** Nothing more will be read. */
        ENDING,
        /** As many connections as may be are open. */
        MAX_CONNECTIONS,
        /** Connections come too fast. */
        CONNECTION_RATE,
        /** The system cannot accept, out of file descriptors most likely. */
        ACCEPT_FAILED
    }

    private final Channel channel;
    private final Runnable opened;
    private int reasons;

    /** @param opened run when the last reason went away, just before reading goes on */
    ReadGate(Channel channel, Runnable opened) {
        this.channel = channel;
        this.opened = opened;
    }

    boolean isOpen() {
        return reasons == 0;
    }

    boolean isClosedFor(Reason reason) {
        return (reasons & 1 << reason.ordinal()) != 0;
    }

    void close(Reason reason) {
        if (reasons == 0) {
            channel.config().setAutoRead(false);
        }
        reasons |= 1 << reason.ordinal();
    }

    void open(Reason reason) {
        if (reasons == 0) {
            return;
        }
        reasons &= ~(1 << reason.ordinal());
        if (reasons == 0) {
            opened.run();
        }
        // What was waiting may have found a new reason.
        if (reasons == 0 && channel.isOpen()) {
            channel.config().setAutoRead(true);
        }
    }
}
