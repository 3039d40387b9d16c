package io.odradek.raft;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A directory of the file system, held by one process at a time.
 *
 * <p>Files are {@link RandomAccessFile}s and not channels: JGroups interrupts its threads when it stops, and an interrupt
 * closes a channel in the middle of a write.
 */
final class DirectoryStorage implements LogStorage {
    private static final String LOCK_FILE = ".lock";

    private final Path directory;
    private final FileChannel lock;

    private DirectoryStorage(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /** Creates the directory when absent and locks it. */
    static DirectoryStorage open(Path directory) {
        FileChannel lock = null;
        try {
            Files.createDirectories(directory);
            syncDirectory(directory.toAbsolutePath().getParent());
            lock = FileChannel.open(directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                throw new OverlappingFileLockException();
            }
            return new DirectoryStorage(directory, lock);
        } catch (OverlappingFileLockException e) {
            closeQuietly(lock);
            throw new RaftException("Raft directory " + directory + " is in use by another broker");
        } catch (IOException e) {
            closeQuietly(lock);
            throw new RaftException("Raft directory " + directory + " cannot be used: " + e, e);
        }
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public List<String> list() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
    }

    @Override
    public LogFile open(String name) throws IOException {
        var path = directory.resolve(name);
        if (!Files.exists(path)) {
            throw new FileNotFoundException(path.toString());
        }
        return new OpenFile(new RandomAccessFile(path.toFile(), "rw"));
    }

    @Override
    public LogFile create(String name) throws IOException {
        var file = new RandomAccessFile(directory.resolve(name).toFile(), "rw");
        try {
            file.setLength(0);
            return new OpenFile(file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    @Override
    public void syncDirectory() throws IOException {
        syncDirectory(directory);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // Nothing was written: the reason why it is being closed matters more.
        }
    }

    private static final class OpenFile implements LogFile {
        private final RandomAccessFile file;

        OpenFile(RandomAccessFile file) {
            this.file = file;
        }

        @Override
        public int write(long position, byte[] source, int offset, int length) throws IOException {
            file.seek(position);
            file.write(source, offset, length);
            return length;
        }

        @Override
        public int read(long position, byte[] target, int offset, int length) throws IOException {
            file.seek(position);
            return file.read(target, offset, length);
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void sync() throws IOException {
            file.getFD().sync();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.setLength(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
