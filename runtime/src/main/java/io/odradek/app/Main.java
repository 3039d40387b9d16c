package io.odradek.app;

import io.odradek.cli.Odradek;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The one entry point of server and command line. Only {@code start} boots Quarkus. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... args) {
        System.exit(Odradek.run(Main::start, args));
    }

    private static int start(Optional<Path> configFile, Map<String, String> settings) throws IOException {
        StartSettings.use(configFile, settings);
        Server.endOnSignals();
        StartedBroker.begin();
        Quarkus.run(Server.class, (status, failure) -> Server.exit(status, failure));
        StartedBroker.close();
        return Server.exitStatus();
    }
}
