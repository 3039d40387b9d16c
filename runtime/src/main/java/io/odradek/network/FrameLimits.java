package io.odradek.network;

/**
 * What is believed of a frame before it has come.
 *
 * @param maxBytes a longer one ends its connection
 * @param setting says so, for whoever reads the log
 * @param firstBytes memory that a frame gets on its length's word alone
 */
record FrameLimits(int maxBytes, String setting, int firstBytes) {
    /** A client that claims a hundred megabytes and sends nothing costs this much. */
    private static final int FIRST_BYTES_OF_CLIENTS = 64 * 1024;

    /** Of clients, who may lie. */
    static FrameLimits ofRequests(int maxBytes) {
        return new FrameLimits(maxBytes, "socket.request.max.bytes", FIRST_BYTES_OF_CLIENTS);
    }

    /** Of other brokers: what they announce they also send, so a buffer that never grows spares copies. */
    static FrameLimits ofResponses(int maxBytes) {
        return new FrameLimits(
                maxBytes, "replica.fetch.response.max.bytes and socket.request.max.bytes", Integer.MAX_VALUE);
    }
}
