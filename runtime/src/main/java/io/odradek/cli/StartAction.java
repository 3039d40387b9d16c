package io.odradek.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What {@code odradek start} does; the application hands it in, because the commands know nothing of how a broker is wired. */
@FunctionalInterface
public interface StartAction {
    /**
     * Runs the broker until it is told to stop.
     *
     * @param configFile the file given by {@code --config}
     * @param settings the settings given by {@code --set}, which win over the file's
     * @return the exit status
     */
    int start(Optional<Path> configFile, Map<String, String> settings) throws Exception;
}
