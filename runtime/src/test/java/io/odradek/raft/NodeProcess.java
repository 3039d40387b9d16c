package io.odradek.raft;

import io.odradek.config.Listener.HostPort;
import io.odradek.metadata.Command;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A node in a process of its own, to be killed and stopped. It does what its input says, one line each: {@code topic NAME},
 * {@code image}; and says on its output what happens.
 */
final class NodeProcess {
    private NodeProcess() {}

    /** Directory, node id, voters as {@code id@host:port,...}, bound for silent nodes in ms. */
    public static void main(String[] args) throws Exception {
        int id = Integer.parseInt(args[1]);
        Map<Integer, HostPort> voters = new HashMap<>();
        for (var each : args[2].split(",")) {
            var parts = each.split("[@:]");
            voters.put(Integer.parseInt(parts[0]), new HostPort(parts[1], Integer.parseInt(parts[2])));
        }
        var cluster = new ClusterConfig(
                voters,
                voters.getOrDefault(id, new HostPort("127.0.0.1", 0)),
                new NodeDiscovery.Voters(),
                new TransportSecurity.Plaintext(),
                new FailureDetection(Duration.ofMillis(Long.parseLong(args[3])), Duration.ofMillis(300)));
        var config = new RaftConfig(Path.of(args[0]), "cluster", id, 20_000, 1 << 16).in(cluster);
        var metadata = RaftMetadata.start(config, failure -> say("failed " + failure.getMessage()));
        metadata.addMembersListener(members -> say("members " + members));
        say("started");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var words = line.split(" ");
            switch (words[0]) {
                case "begin" -> {
                    propose(metadata, new Command.InitializeCluster("cluster", Map.of()), "begun");
                    propose(metadata, TestCommands.registerBroker(1), "registered");
                }
                case "topic" -> propose(metadata, TestCommands.createTopic(words[1]), "created " + words[1]);
                case "image" ->
                    say("image " + metadata.image().commands() + " "
                            + metadata.image().digest());
                default -> throw new IllegalArgumentException(line);
            }
        }
        metadata.close();
    }

    private static void propose(RaftMetadata metadata, Command<?> command, String done) {
        metadata.propose(command)
                .whenComplete((result, failure) -> say(failure == null ? done : "not " + done + ": " + failure));
    }

    private static synchronized void say(String line) {
        System.out.println(line);
    }
}
