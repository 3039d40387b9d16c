package io.odradek.log;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.Uuid;

/** Whose a log directory is: Kafka's {@code meta.properties} of version 1. */
record MetaProperties(String clusterId, int nodeId, Uuid directoryId) {
    static final String FILE_NAME = "meta.properties";

    private static final String VERSION = "1";

    /**
     * Reads the file, empty if there is none.
     *
     * @throws IllegalStateException with one clear line if it cannot be understood
     */
    static Optional<MetaProperties> read(Path directory) throws IOException {
        var file = directory.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        var version = properties.getProperty("version", "0");
        if (!version.equals(VERSION)) {
            throw new IllegalStateException("Log directory " + directory + " has the format version " + version
                    + ", this broker understands version " + VERSION + " only (" + file + ")");
        }
        try {
            var directoryId = properties.getProperty("directory.id");
            return Optional.of(new MetaProperties(
                    required(properties, "cluster.id"),
                    Integer.parseInt(required(properties, "node.id")),
                    directoryId == null ? Uuid.ZERO_UUID : Uuid.fromString(directoryId)));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(file + " cannot be understood: " + e.getMessage());
        }
    }

    private static String required(Properties properties, String name) {
        var value = properties.getProperty(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /**
     * Makes a new directory this broker's; checks one that is somebody's already.
     *
     * @throws IllegalStateException with one clear line if it belongs to another cluster or node
     */
    static MetaProperties claim(Path directory, String clusterId, int nodeId) throws IOException {
        var found = read(directory);
        if (found.isPresent()) {
            var it = found.get();
            if (!it.clusterId.equals(clusterId)) {
                throw new IllegalStateException("Log directory " + directory + " belongs to cluster " + it.clusterId
                        + ", this broker is of cluster " + clusterId);
            }
            if (it.nodeId != nodeId) {
                throw new IllegalStateException("Log directory " + directory + " belongs to node " + it.nodeId
                        + ", this broker is node " + nodeId);
            }
            if (!it.directoryId.equals(Uuid.ZERO_UUID)) {
                return it;
            }
        }
        var claimed = new MetaProperties(clusterId, nodeId, Uuid.randomUuid());
        CheckpointFile.replace(directory.resolve(FILE_NAME), claimed.text(), true);
        CheckpointFile.forceDirectory(directory);
        return claimed;
    }

    private String text() {
        return "cluster.id=" + clusterId + "\ndirectory.id=" + directoryId + "\nnode.id=" + nodeId + "\nversion="
                + VERSION + "\n";
    }
}
