package io.odradek.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that asks the broker questions or gives it orders through Kafka's admin client. */
abstract class AdminCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public final Integer call() {
        check();
        var admin = Admin.create(connection.clientConfig());
        try {
            run(admin, Root.of(spec).terminal());
        } catch (TimeoutException e) {
            throw Failures.ofTimeout(connection.bootstrapServers(), e);
        } finally {
            admin.close(Duration.ZERO);
        }
        return 0;
    }

    /** Refuses, with {@link #usage}, a command line that makes no sense, before anyone is asked. */
    void check() {}

    /** What is wrong with the command line, where picocli cannot see it by itself. */
    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    abstract void run(Admin admin, Terminal terminal);
}
