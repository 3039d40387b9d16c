package io.odradek.nemesis;

import io.odradek.it.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A network namespace for each node, all joined by a bridge in one more, to which this machine has a link too: from there
 * clients come. Rules for cuts and loss are in the namespaces of nodes, so that the machine's own rules stay as they are.
 *
 * <p>Addresses are of 198.18.0.0/16, which is set aside for tests (RFC 2544). Not for several threads.
 */
final class Network implements AutoCloseable {
    /** Who is no node: this machine, where clients are. */
    static final int CLIENTS = 254;

    private final String prefix;
    private final String subnet;
    private final int nodes;

    private Network(String prefix, String subnet, int nodes) {
        this.prefix = prefix;
        this.subnet = subnet;
        this.nodes = nodes;
    }

    /** @throws IOException if the machine does not allow it; nothing is left behind then */
    static Network of(String prefix, int nodes) throws IOException {
        var network = new Network(prefix, freeSubnet(), nodes);
        try {
            network.build();
        } catch (IOException e) {
            network.close();
            throw e;
        }
        return network;
    }

    private static String freeSubnet() throws IOException {
        for (int n = 0; n < 256; n++) {
            var subnet = "198.18." + (ProcessHandle.current().pid() + n) % 256 + ".";
            if (Shell.run("ip", "-4", "route", "show", subnet + "0/24").isBlank()) {
                return subnet;
            }
        }
        throw new IOException("no free subnet in 198.18.0.0/16");
    }

    private void build() throws IOException {
        var hub = prefix + "-hub";
        Shell.run("ip", "netns", "add", hub);
        Shell.run("ip", "-n", hub, "link", "add", "bridge", "type", "bridge");
        Shell.run("ip", "-n", hub, "link", "set", "bridge", "up");
        Shell.run("ip", "link", "add", prefix, "type", "veth", "peer", "name", "clients", "netns", hub);
        Shell.run("ip", "addr", "add", address(CLIENTS) + "/24", "dev", prefix);
        Shell.run("ip", "link", "set", prefix, "up");
        Shell.run("ip", "-n", hub, "link", "set", "clients", "master", "bridge", "up");
        for (int node = 1; node <= nodes; node++) {
            var namespace = namespace(node);
            Shell.run("ip", "netns", "add", namespace);
            Shell.run(
                    "ip",
                    "-n",
                    namespace,
                    "link",
                    "add",
                    "eth0",
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "node" + node,
                    "netns",
                    hub);
            Shell.run("ip", "-n", hub, "link", "set", "node" + node, "master", "bridge", "up");
            Shell.run("ip", "-n", namespace, "addr", "add", address(node) + "/24", "dev", "eth0");
            Shell.run("ip", "-n", namespace, "link", "set", "lo", "up");
            Shell.run("ip", "-n", namespace, "link", "set", "eth0", "up");
            iptables(node, "-S");
        }
    }

    String namespace(int node) {
        return prefix + "-" + node;
    }

    String address(int node) {
        return subnet + node;
    }

    List<Host> hosts() {
        return IntStream.rangeClosed(1, nodes)
                .mapToObj(node -> new Host(address(node), List.of("nsenter", "--net=/run/netns/" + namespace(node))))
                .toList();
    }

    /**
     * What one sends does not get to the other any more, or part of it.
     *
     * @param probability that a packet is lost; 1 for all
     */
    void lose(int from, int to, double probability) throws IOException {
        dropping("-A", from, to, probability);
    }

    /** Ends one {@link #lose} with the same parameters; others that were asked for stay. */
    void mend(int from, int to, double probability) throws IOException {
        dropping("-D", from, to, probability);
    }

    private void dropping(String change, int from, int to, double probability) throws IOException {
        boolean toClients = to == CLIENTS;
        var rule = new ArrayList<>(List.of(change, toClients ? "OUTPUT" : "INPUT", toClients ? "-d" : "-s"));
        rule.add(address(toClients ? to : from));
        if (probability < 1) {
            rule.addAll(List.of("-m", "statistic", "--mode", "random", "--probability"));
            rule.add(String.format(Locale.ROOT, "%.3f", probability));
        }
        rule.addAll(List.of("-j", "DROP"));
        iptables(toClients ? from : to, rule.toArray(String[]::new));
    }

    void iptables(int node, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("ip", "netns", "exec", namespace(node), "iptables"));
        command.addAll(List.of(arguments));
        Shell.run(command);
    }

    int nodes() {
        return nodes;
    }

    @Override
    public void close() throws IOException {
        Leftovers.remove(prefix);
    }
}
