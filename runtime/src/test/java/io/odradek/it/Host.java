package io.odradek.it;

import java.util.List;

/**
 * Where a process runs.
 *
 * @param address what it listens on
 * @param enter the command that runs the one after it there; empty for this machine as it is
 */
public record Host(String address, List<String> enter) {
    public static final Host LOOPBACK = new Host("127.0.0.1", List.of());

    public Host {
        enter = List.copyOf(enter);
    }
}
