package io.odradek.cli;

import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "unthrottle",
        description = {
            "Takes away the limits that 'reassign --throttle' has set, or kafka-reassign-partitions.",
            "Without it they stay, and would hold up replicas that have to catch up later."
        },
        footer = {"  odradek partition unthrottle"})
final class PartitionUnthrottleCommand extends AdminCommand {
    @Option(names = "--force", description = "Also while partitions are on their way.")
    private boolean force;

    @Override
    void run(Admin admin, Terminal terminal) {
        int moving = Failures.await(admin.listPartitionReassignments().reassignments())
                .size();
        if (moving > 0 && !force) {
            throw new CommandFailure(moving
                    + " partitions are still on their way: see 'odradek partition reassignments', or give --force");
        }
        var topics = new ReplicationThrottle(admin).clear();
        topics.forEach(topic -> terminal.println("no longer throttled: " + topic));
    }
}
