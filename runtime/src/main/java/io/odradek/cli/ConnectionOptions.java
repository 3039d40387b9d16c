package io.odradek.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.ClientDnsLookup;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How every command but {@code start} reaches a broker. */
final class ConnectionOptions {
    /** Kafka's default; a request may be repeated for as long as the whole of {@code --timeout}. */
    private static final int MAX_REQUEST_TIMEOUT_MS = 30_000;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-b", "--bootstrap-server"},
            paramLabel = "HOST:PORT",
            defaultValue = "${env:ODRADEK_BOOTSTRAP_SERVER:-localhost:9092}",
            description = "The broker to ask first; several with commas between them. Default: the environment's"
                    + " ODRADEK_BOOTSTRAP_SERVER, else localhost:9092.")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties file with settings for the Kafka client, such as security.protocol.")
    private Path commandConfig;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "Give up when no broker has answered for so long. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    int timeoutMs() {
        if (timeoutSeconds < 1 || timeoutSeconds > Integer.MAX_VALUE / 1000) {
            throw new ParameterException(command.commandLine(), "--timeout is a number of seconds from 1");
        }
        return timeoutSeconds * 1000;
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /**
     * Settings for any of Kafka's clients. Fails at once if nothing listens at the bootstrap servers, where the clients
     * themselves would go on trying for as long as their time limit.
     */
    Map<String, Object> clientConfig() {
        Root.of(command).quietClients();
        var config = new HashMap<String, Object>();
        config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, Math.min(timeoutMs(), MAX_REQUEST_TIMEOUT_MS));
        config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMs());
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "odradek-cli");
        // A command is over before anyone could look at its metrics.
        config.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
        config.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        properties().forEach((name, value) -> config.put((String) name, value));
        config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        probe();
        return config;
    }

    private Properties properties() {
        var properties = new Properties();
        if (commandConfig != null) {
            try (var reader = Files.newBufferedReader(commandConfig)) {
                properties.load(reader);
            } catch (NoSuchFileException e) {
                throw new CommandFailure("file " + commandConfig + " does not exist", e);
            } catch (IOException | IllegalArgumentException e) {
                throw new CommandFailure("file " + commandConfig + " cannot be read: " + e.getMessage(), e);
            }
        }
        return properties;
    }

    private void probe() {
        Exception last = null;
        for (var address : addresses()) {
            try (var socket = new Socket()) {
                socket.connect(address, timeoutMs());
                return;
            } catch (SocketTimeoutException e) {
                last = new IOException("no answer within " + timeoutSeconds + " s", e);
            } catch (IOException e) {
                last = e;
            }
        }
        throw new CommandFailure(
                "cannot connect to " + bootstrapServers + (last == null ? "" : ": " + last.getMessage()), last);
    }

    private Iterable<InetSocketAddress> addresses() {
        try {
            return ClientUtils.parseAndValidateAddresses(
                    List.of(bootstrapServers.split(",")), ClientDnsLookup.USE_ALL_DNS_IPS);
        } catch (ConfigException e) {
            throw new CommandFailure("--bootstrap-server " + bootstrapServers + ": " + e.getMessage(), e);
        }
    }
}
