package io.odradek.log;

/** Where a batch lies in its segment's file. */
record BatchPosition(int position, int size, long baseOffset, long lastOffset) {
    int end() {
        return position + size;
    }
}
