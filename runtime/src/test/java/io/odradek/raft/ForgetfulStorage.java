package io.odradek.raft;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Files in memory that know what was synced and what was not: a crash drops all of the latter, or some, as a power cut does. It
 * can crash before any operation, run out of space at any write, and write less than it was asked to.
 */
final class ForgetfulStorage implements LogStorage {
    private static final int SECTOR = 512;

    private final Random random;
    private final Map<String, Inode> names = new TreeMap<>();
    private final Map<String, Inode> durableNames = new TreeMap<>();
    private final List<Runnable> unsyncedNames = new ArrayList<>();
    private int operations;
    private int crashAt = Integer.MAX_VALUE;
    private int noSpaceAt = Integer.MAX_VALUE;
    private boolean shortWrites;
    private boolean dead;
    int operationsAfterFailure;

    /** The machine lost its power. */
    static final class PowerCut extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static final class Inode {
        private byte[] content = {};
        private byte[] durable = {};

        void sync() {
            durable = content.clone();
        }

        /** What the disk may have got of the unsynced: a new length or not, this sector and not that. */
        byte[] someOf(Random dice) {
            if (content.length < durable.length) {
                return dice.nextBoolean() ? content : durable;
            }
            int length =
                    switch (dice.nextInt(3)) {
                        case 0 -> durable.length;
                        case 1 -> content.length;
                        default -> durable.length + dice.nextInt(content.length - durable.length + 1);
                    };
            var mixed = Arrays.copyOf(durable, length);
            boolean all = dice.nextBoolean();
            for (int start = 0; start < length; start += SECTOR) {
                if (all || dice.nextBoolean()) {
                    System.arraycopy(content, start, mixed, start, Math.min(SECTOR, length - start));
                }
            }
            return mixed;
        }
    }

    ForgetfulStorage(long seed) {
        random = new Random(seed);
    }

    /** The next life of the same disk, without injected faults. */
    ForgetfulStorage afterPowerCut(long seed) {
        var next = new ForgetfulStorage(seed);
        var dice = next.random;
        boolean keepNothing = dice.nextInt(3) == 0;
        for (var change : unsyncedNames) {
            if (!keepNothing && dice.nextBoolean()) {
                change.run();
            }
        }
        durableNames.forEach((name, inode) -> {
            var copy = new Inode();
            copy.content =
                    keepNothing ? inode.durable.clone() : inode.someOf(dice).clone();
            copy.durable = copy.content.clone();
            next.names.put(name, copy);
            next.durableNames.put(name, copy);
        });
        return next;
    }

    /** The next life after the process was killed: the page cache lives on, what it holds is as little durable as before. */
    ForgetfulStorage afterKill() {
        dead = false;
        crashAt = Integer.MAX_VALUE;
        noSpaceAt = Integer.MAX_VALUE;
        operations = 0;
        return this;
    }

    private static void put(Inode inode, int position, byte[] bytes, int length) {
        if (length > 0 && inode.content.length < position + length) {
            inode.content = Arrays.copyOf(inode.content, position + length);
        }
        System.arraycopy(bytes, 0, inode.content, position, length);
    }

    void crashAt(int operation) {
        crashAt = operation;
    }

    void runOutOfSpaceAt(int write) {
        noSpaceAt = write;
    }

    void writeShort() {
        shortWrites = true;
    }

    int operations() {
        return operations;
    }

    Map<String, byte[]> files() {
        var copy = new HashMap<String, byte[]>();
        names.forEach((name, inode) -> copy.put(name, inode.content.clone()));
        return copy;
    }

    static ForgetfulStorage of(Map<String, byte[]> files) {
        var storage = new ForgetfulStorage(0);
        files.forEach((name, content) -> {
            var inode = new Inode();
            inode.content = content.clone();
            inode.durable = content.clone();
            storage.names.put(name, inode);
            storage.durableNames.put(name, inode);
        });
        return storage;
    }

    private void step() {
        if (dead) {
            operationsAfterFailure++;
        }
        if (++operations >= crashAt) {
            dead = true;
            throw new PowerCut();
        }
    }

    private Inode inode(String name) throws FileNotFoundException {
        var inode = names.get(name);
        if (inode == null) {
            throw new FileNotFoundException(name);
        }
        return inode;
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public byte[] read(String name) throws IOException {
        return inode(name).content.clone();
    }

    @Override
    public LogFile open(String name) throws IOException {
        return new Open(inode(name));
    }

    @Override
    public LogFile create(String name) throws IOException {
        step();
        spend();
        var inode = new Inode();
        names.put(name, inode);
        unsyncedNames.add(() -> durableNames.put(name, inode));
        return new Open(inode);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        step();
        var inode = inode(from);
        names.remove(from);
        names.put(to, inode);
        unsyncedNames.add(() -> {
            durableNames.remove(from);
            durableNames.put(to, inode);
        });
    }

    @Override
    public void delete(String name) throws IOException {
        step();
        inode(name);
        names.remove(name);
        unsyncedNames.add(() -> durableNames.remove(name));
    }

    @Override
    public void syncDirectory() {
        step();
        durableNames.clear();
        durableNames.putAll(names);
        unsyncedNames.clear();
    }

    @Override
    public void close() {}

    private void spend() throws IOException {
        if (--noSpaceAt < 0) {
            dead = true;
            throw new IOException("No space left on device");
        }
    }

    private final class Open implements LogFile {
        private final Inode inode;

        Open(Inode inode) {
            this.inode = inode;
        }

        @Override
        public int write(long position, byte[] source, int offset, int length) throws IOException {
            step();
            int written = shortWrites ? 1 + random.nextInt(length) : length;
            if (noSpaceAt == 0) {
                written = random.nextInt(length);
            }
            if (written > 0) {
                var bytes = Arrays.copyOfRange(source, offset, offset + written);
                put(inode, (int) position, bytes, written);
            }
            spend();
            return written;
        }

        @Override
        public int read(long position, byte[] target, int offset, int length) {
            int available = Math.min(length, inode.content.length - (int) position);
            if (available <= 0) {
                return -1;
            }
            System.arraycopy(inode.content, (int) position, target, offset, available);
            return available;
        }

        @Override
        public long size() {
            return inode.content.length;
        }

        @Override
        public void sync() {
            step();
            inode.sync();
        }

        @Override
        public void truncate(long size) {
            step();
            inode.content = Arrays.copyOf(inode.content, (int) size);
        }

        @Override
        public void close() {}
    }
}
