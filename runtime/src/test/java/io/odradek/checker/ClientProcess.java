package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import io.odradek.peer.ApacheKafka;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Clients in a process of their own, to be killed in the middle of whatever they do: a writer and a mover. It prints its
 * events, each before the deed, so that the history is whole up to the moment of its death.
 */
public final class ClientProcess {
    private static final int WRITERS_A_START = 2;

    private ClientProcess() {}

    /** @param arguments bootstrap, protocol, seed, number of the first writer */
    public static void main(String... arguments) throws InterruptedException {
        var clients = new Clients(arguments[0]);
        var protocol = Protocol.valueOf(arguments[1]);
        var seed = Long.parseLong(arguments[2]);
        var writer = Integer.parseInt(arguments[3]);
        var out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        Consumer<Event> sink = event -> {
            synchronized (out) {
                out.print(EventLine.write(event) + '\n');
                out.flush();
            }
        };
        var threads = List.of(
                new Thread(new Writer(
                        clients,
                        new Journal("child-writer", sink),
                        writer,
                        Workload.LOG,
                        Workload.ALL,
                        new Random(seed),
                        () -> false)),
                new Thread(new Mover(
                        clients,
                        new Journal("child-mover-" + protocol, sink),
                        writer + 1,
                        Workload.movers(protocol),
                        protocol,
                        new Random(seed + 1),
                        () -> false)));
        threads.forEach(Thread::start);
        for (var thread : threads) {
            thread.join();
        }
    }

    /**
     * Starts such a process and kills it after a while, again and again, until this thread is interrupted.
     *
     * @param firstWriter a number from which on all are free
     */
    static void killAgainAndAgain(String bootstrap, Random random, int firstWriter, Consumer<Event> sink)
            throws IOException {
        for (int start = 0; !Thread.currentThread().isInterrupted(); start++) {
            var protocol = Protocol.values()[start % 2];
            var process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            ApacheKafka.classPath(),
                            ClientProcess.class.getName(),
                            bootstrap,
                            protocol.name(),
                            Long.toString(random.nextLong()),
                            Integer.toString(firstWriter + WRITERS_A_START * start))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var reader = new Thread(() -> read(process, sink), "events of the child process");
            reader.start();
            try {
                Thread.sleep(4_000 + random.nextInt(6_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                // Not by the process itself, which would close the pipe before all is read that was written.
                process.toHandle().destroyForcibly();
            }
            joinUninterruptibly(reader);
        }
    }

    /** Whole lines only: what a killed process had not written to the end it had not done yet either. */
    private static void read(Process process, Consumer<Event> sink) {
        try (var in = new BufferedInputStream(process.getInputStream())) {
            var line = new StringBuilder();
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    sink.accept(EventLine.read(line.toString()));
                    line.setLength(0);
                } else {
                    line.append((char) b);
                }
            }
        } catch (IOException e) {
            // The process was killed, and its pipe with it.
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        var interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
