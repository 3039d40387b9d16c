package io.odradek.cli;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "unregister",
        description = "Forgets a broker that will not come back. Move its partitions away before.",
        footer = {"  odradek cluster unregister 3"})
final class ClusterUnregisterCommand extends AdminCommand {
    @Parameters(paramLabel = "BROKER", description = "The broker's id.")
    private int broker;

    @Override
    void run(Admin admin, Terminal terminal) {
        try {
            Failures.await(admin.unregisterBroker(broker).all());
        } catch (BrokerIdNotRegisteredException e) {
            throw new CommandFailure("broker " + broker + " is not registered", e);
        }
        terminal.println("unregistered broker " + broker);
    }
}
