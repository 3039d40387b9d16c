package io.odradek.nemesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A slow line between nodes, for kernels without netem. Packets that are routed over it leave through a tunnel device, come
 * here as datagrams (by {@code socat}), wait, and go into the tunnel of whom they are for; some get lost. They are real IP
 * packets: TCP sees round trips, loss and reordering as on a bad line, and sends again by itself.
 */
final class LongWay implements AutoCloseable {
    private static final int PORT = 40_000;
    private static final int MAX_PACKET = 2_048;
    private static final String DEVICE = "longway";

    private final Network network;
    private final DatagramChannel packets;
    private final SocketAddress[] tunnels;
    private final List<Process> processes = new ArrayList<>();
    private final ScheduledExecutorService line;
    private final SplittableRandom random = new SplittableRandom();

    private volatile int delayMs;
    private volatile int jitterMs;
    private volatile double loss;

    private LongWay(Network network) throws IOException {
        this.network = network;
        this.tunnels = new SocketAddress[network.nodes() + 1];
        this.line = Executors.newSingleThreadScheduledExecutor(run -> new Thread(run, "slow line"));
        this.packets = DatagramChannel.open();
    }

    /** @throws IOException if the machine does not allow it; nothing is left behind then */
    static LongWay in(Network network) throws IOException {
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new IOException("there is no /dev/net/tun");
        }
        var way = new LongWay(network);
        try {
            way.build();
        } catch (IOException e) {
            way.close();
            throw e;
        }
        return way;
    }

    private void build() throws IOException {
        var here = new InetSocketAddress(network.address(Network.CLIENTS), PORT);
        packets.bind(here);
        new Thread(this::receive, "packets of the slow line").start();
        for (int node = 1; node <= network.nodes(); node++) {
            tunnels[node] = new InetSocketAddress(network.address(node), PORT);
            var host = network.hosts().get(node - 1);
            // Answers come back by another device than questions go out: no check of the way back.
            for (var which : List.of("all", "default")) {
                Shell.run(
                        "ip",
                        "netns",
                        "exec",
                        network.namespace(node),
                        "sysctl",
                        "-qw",
                        "net.ipv4.conf." + which + ".rp_filter=0");
            }
            var command = new ArrayList<>(host.enter());
            command.addAll(List.of(
                    "socat",
                    "TUN,tun-name=" + DEVICE + ",iff-up,iff-no-pi",
                    "UDP:" + here.getHostString() + ":" + PORT + ",bind=" + host.address() + ":" + PORT));
            processes.add(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }
        for (int node = 1; node <= network.nodes(); node++) {
            awaitDevice(node);
        }
    }

    private void awaitDevice(int node) throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                Shell.run("ip", "-n", network.namespace(node), "link", "show", DEVICE);
                return;
            } catch (IOException e) {
                if (tries == 50) {
                    throw e;
                }
                try {
                    TimeUnit.MILLISECONDS.sleep(20);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    /**
     * What a node sends to the others and they to it takes the long way.
     *
     * @param delayMs one way
     * @param jitterMs up to so much more; packets overtake each other then
     * @param loss the probability that a packet is lost
     */
    void send(int node, int delayMs, int jitterMs, double loss) throws IOException {
        this.delayMs = delayMs;
        this.jitterMs = jitterMs;
        this.loss = loss;
        for (int other = 1; other <= network.nodes(); other++) {
            if (other != node) {
                route(node, other);
                route(other, node);
            }
        }
    }

    private void route(int from, int to) throws IOException {
        Shell.run(
                "ip",
                "-n",
                network.namespace(from),
                "route",
                "replace",
                network.address(to) + "/32",
                "dev",
                DEVICE,
                "src",
                network.address(from));
    }

    /** All packets take the direct way again; those that are here still arrive. */
    void clear() throws IOException {
        for (int node = 1; node <= network.nodes(); node++) {
            Shell.run("ip", "-n", network.namespace(node), "route", "flush", "dev", DEVICE);
        }
    }

    private void receive() {
        var buffer = ByteBuffer.allocateDirect(MAX_PACKET);
        try {
            while (true) {
                buffer.clear();
                packets.receive(buffer);
                buffer.flip();
                // IPv4; the destination's last byte is the node.
                if (buffer.remaining() >= 20 && buffer.get(0) >> 4 == 4 && random.nextDouble() >= loss) {
                    int to = buffer.get(19) & 0xff;
                    if (to >= 1 && to < tunnels.length) {
                        var packet = ByteBuffer.allocate(buffer.remaining())
                                .put(buffer)
                                .flip();
                        line.schedule(
                                () -> deliver(packet, to),
                                delayMs + (jitterMs == 0 ? 0 : random.nextInt(jitterMs)),
                                TimeUnit.MILLISECONDS);
                    }
                }
            }
        } catch (ClosedChannelException | RejectedExecutionException e) {
            // By close().
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void deliver(ByteBuffer packet, int to) {
        try {
            packets.send(packet, tunnels[to]);
        } catch (IOException e) {
            // Lost, as packets are.
        }
    }

    @Override
    public void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        line.shutdownNow();
        packets.close();
    }
}
