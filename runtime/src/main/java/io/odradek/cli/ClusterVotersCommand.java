package io.odradek.cli;

import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.Uuid;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "voters",
        description = "Shows who votes on metadata, gives a node a vote or takes it.",
        footer = {"  odradek cluster voters", "  odradek cluster voters --add 4", "  odradek cluster voters --remove 2"
        })
final class ClusterVotersCommand extends AdminCommand {
    @Option(names = "--add", paramLabel = "ID", description = "Give this node a vote. It must run, and have caught up.")
    private Integer add;

    @Option(names = "--remove", paramLabel = "ID", description = "Take this node's vote, whether it runs or not.")
    private Integer remove;

    @Mixin
    private OutputOption output;

    @Override
    void check() {
        if (add != null && remove != null) {
            throw usage("one change at a time: --add or --remove");
        }
    }

    @Override
    void run(Admin admin, Terminal terminal) {
        // The cluster knows its nodes' addresses and directories by itself.
        if (add != null) {
            Failures.await(admin.addRaftVoter(add, Uuid.ZERO_UUID, Set.of()).all());
        } else if (remove != null) {
            Failures.await(admin.removeRaftVoter(remove, Uuid.ZERO_UUID).all());
        }
        var quorum = Failures.await(admin.describeMetadataQuorum().quorumInfo());
        output.print(terminal, () -> json(quorum), () -> text(quorum, terminal));
    }

    private static void text(QuorumInfo quorum, Terminal terminal) {
        var table = new Table("NODE", "ROLE", "LOG END OFFSET");
        quorum.voters()
                .forEach(each -> table.row(
                        each.replicaId(),
                        each.replicaId() == quorum.leaderId() ? "leader" : "voter",
                        each.logEndOffset()));
        quorum.observers().forEach(each -> table.row(each.replicaId(), "observer", each.logEndOffset()));
        table.print(terminal);
    }

    private static Object json(QuorumInfo quorum) {
        return Json.object(
                "leader", quorum.leaderId(),
                "voters",
                        quorum.voters().stream()
                                .map(QuorumInfo.ReplicaState::replicaId)
                                .toList(),
                "observers",
                        quorum.observers().stream()
                                .map(QuorumInfo.ReplicaState::replicaId)
                                .toList());
    }
}
