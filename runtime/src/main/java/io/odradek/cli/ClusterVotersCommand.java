package io.odradek.cli;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "voters",
        description = "Shows who votes on metadata, gives a node a vote or takes it.",
        footer = {"  odradek cluster voters", "  odradek cluster voters --add 4", "  odradek cluster voters --remove 2"
        })
final class ClusterVotersCommand extends AdminCommand {
    private static final int MAX_LOOKS = 50;
    private static final int LOOK_MS = 100;

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
        try {
            change(admin);
        } catch (TimeoutException e) {
            if (describe(admin).leaderId() < 0) {
                throw new CommandFailure(Failures.NO_CONTROLLER, e);
            }
            throw e;
        }
        var quorum = settled(admin);
        output.print(terminal, () -> json(quorum), () -> text(quorum, terminal));
    }

    /** The cluster knows its nodes' addresses and directories by itself. */
    private void change(Admin admin) {
        if (add != null) {
            Failures.await(admin.addRaftVoter(add, Uuid.ZERO_UUID, Set.of()).all());
        } else if (remove != null) {
            Failures.await(admin.removeRaftVoter(remove, Uuid.ZERO_UUID).all());
        }
    }

    /** A broker may know of the change a moment later than it is made, and a leader that was removed is followed by another. */
    private QuorumInfo settled(Admin admin) {
        var quorum = describe(admin);
        for (int again = 0; again < MAX_LOOKS && isChanging(quorum); again++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
            quorum = describe(admin);
        }
        return quorum;
    }

    private static QuorumInfo describe(Admin admin) {
        return Failures.await(admin.describeMetadataQuorum().quorumInfo());
    }

    private boolean isChanging(QuorumInfo quorum) {
        var voters =
                quorum.voters().stream().map(QuorumInfo.ReplicaState::replicaId).toList();
        boolean made = add != null ? voters.contains(add) : remove == null || !voters.contains(remove);
        return (add != null || remove != null) && !(made && voters.contains(quorum.leaderId()));
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
