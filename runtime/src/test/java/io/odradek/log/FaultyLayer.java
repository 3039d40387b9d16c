package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Files that fail when the test says so. */
class FaultyLayer implements FileLayer {
    /** What happens to a file; a test overrides {@link #before}. */
    enum Operation {
        OPEN,
        WRITE,
        FORCE,
        TRUNCATE,
        MOVE,
        DELETE
    }

    final AtomicInteger forces = new AtomicInteger();

    void before(Operation operation, Path path) throws IOException {}

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        before(Operation.OPEN, path);
        return new Channel(FileChannel.open(path, options), path);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        before(Operation.MOVE, from);
        FileLayer.super.move(from, to);
    }

    @Override
    public void deleteIfExists(Path path) throws IOException {
        before(Operation.DELETE, path);
        FileLayer.super.deleteIfExists(path);
    }

    private final class Channel extends FileChannel {
        private final FileChannel real;
        private final Path path;

        Channel(FileChannel real, Path path) {
            this.real = real;
            this.path = path;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            before(Operation.FORCE, path);
            forces.incrementAndGet();
            real.force(metaData);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            before(Operation.WRITE, path);
            return real.write(source, position);
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            before(Operation.TRUNCATE, path);
            real.truncate(size);
            return this;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return real.read(target, position);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return real.read(target);
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
            return real.read(targets, offset, length);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            before(Operation.WRITE, path);
            return real.write(source);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            before(Operation.WRITE, path);
            return real.write(sources, offset, length);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long newPosition) throws IOException {
            real.position(newPosition);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return real.transferTo(position, count, target);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            return real.transferFrom(source, position, count);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return real.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return real.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }
    }
}
