package io.odradek.log;

/** Where records go that are written anew. */
interface RecordSink extends InflatedInput.Tap {
    /** Wants none. */
    RecordSink NONE = new RecordSink() {
        @Override
        public boolean begin(int offsetDelta, long timestampDelta, long restBytes) {
            return false;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            throw new IllegalStateException("no record was begun");
        }
    };

    /**
     * Begins a record. Its key, value and headers, {@code restBytes} as they are encoded, follow as writes.
     *
     * @return false if the record is not wanted; then nothing follows
     */
    boolean begin(int offsetDelta, long timestampDelta, long restBytes);
}
