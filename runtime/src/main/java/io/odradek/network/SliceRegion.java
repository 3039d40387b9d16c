package io.odradek.network;

import io.netty.channel.DefaultFileRegion;
import io.odradek.log.LogSlice;

/** A slice of a log, sent by the kernel from the file to the socket. Gives the slice back when it is sent or dropped. */
final class SliceRegion extends DefaultFileRegion {
    private final LogSlice slice;

    SliceRegion(LogSlice slice) {
        super(slice.channel(), slice.position(), slice.sizeInBytes());
        this.slice = slice;
    }

    /** The superclass would close the file, which is not ours. */
    @Override
    protected void deallocate() {
        slice.close();
    }
}
