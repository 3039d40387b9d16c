package io.odradek.raft;

import io.odradek.metadata.Command;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A process to be killed: proposes commands for ever, and says on its output which were acknowledged. */
final class MetadataProcess {
    private static final int OUTSTANDING = 20;

    private MetadataProcess() {}

    /** First a line {@code image <commands> <topic>...}; then, for each topic, {@code try <topic>} and {@code ack <topic>}. */
    public static void main(String[] args) {
        var metadata = RaftMetadata.start(
                new RaftConfig(Path.of(args[0]), "cluster", 1, 2000, 4000),
                failure -> Runtime.getRuntime().halt(3));
        var image = metadata.image();
        var names = new StringBuilder();
        image.topics().all().forEach(topic -> names.append(' ').append(topic.name()));
        System.out.println("image " + image.commands() + names);
        if (image.commands() == 0) {
            metadata.propose(new Command.InitializeCluster("cluster", Map.of()))
                    .toCompletableFuture()
                    .join();
            metadata.propose(TestCommands.registerBroker(1))
                    .toCompletableFuture()
                    .join();
        }
        var outstanding = new ArrayDeque<CompletableFuture<?>>();
        for (long number = image.commands(); ; number++) {
            var name = "t" + number;
            System.out.println("try " + name);
            outstanding.add(metadata.propose(TestCommands.createTopic(name))
                    .toCompletableFuture()
                    .thenAccept(topic -> System.out.println("ack " + topic.name())));
            if (outstanding.size() > OUTSTANDING) {
                outstanding.remove().join();
            }
        }
    }
}
