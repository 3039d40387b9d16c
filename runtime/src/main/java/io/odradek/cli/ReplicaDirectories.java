package io.odradek.cli;

import java.util.Comparator;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ReplicaNotAvailableException;
import org.apache.kafka.common.errors.TimeoutException;

/** In which log directories replicas are to be, those included that brokers do not have yet (KIP-113). */
final class ReplicaDirectories {
    private static final Comparator<TopicPartitionReplica> ORDER = Comparator.comparing(TopicPartitionReplica::topic)
            .thenComparingInt(TopicPartitionReplica::partition)
            .thenComparingInt(TopicPartitionReplica::brokerId);

    private final Admin admin;
    private final Terminal terminal;

    ReplicaDirectories(Admin admin, Terminal terminal) {
        this.admin = admin;
        this.terminal = terminal;
    }

    /**
     * Moves what is there, and has brokers remember where to make what is to come: to be called before a reassignment brings
     * it.
     */
    void request(Map<TopicPartitionReplica, String> directories) {
        if (directories.isEmpty()) {
            return;
        }
        var batch = new PartitionBatch(terminal, "moving");
        var answers = admin.alterReplicaLogDirs(directories).values();
        answers.keySet().stream().sorted(ORDER).forEach(replica -> {
            var name = PartitionText.of(replica.topic(), replica.partition()) + " of broker " + replica.brokerId();
            try {
                Failures.await(answers.get(replica));
                terminal.println("moving " + name + " to " + directories.get(replica));
            } catch (ReplicaNotAvailableException e) {
                terminal.println("to be made: " + name + " in " + directories.get(replica));
            } catch (TimeoutException e) {
                throw e;
            } catch (ApiException e) {
                batch.failed(name, e);
            }
        });
        batch.throwIfFailed();
    }
}
