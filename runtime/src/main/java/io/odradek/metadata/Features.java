package io.odradek.metadata;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The features of Kafka that a cluster may have, and the levels of each that this version serves. A feature that is not
 * served yet has no level but 0 and is not reported.
 */
public final class Features {
    public static final String METADATA_VERSION = "metadata.version";
    public static final String KRAFT_VERSION = "kraft.version";
    public static final String TRANSACTION_VERSION = "transaction.version";
    public static final String GROUP_VERSION = "group.version";
    public static final String ELIGIBLE_LEADER_REPLICAS_VERSION = "eligible.leader.replicas.version";
    public static final String SHARE_VERSION = "share.version";
    public static final String STREAMS_VERSION = "streams.version";

    static final VersionRange NOT_SUPPORTED = new VersionRange((short) 0, (short) 0);

    private static final short FIRST_METADATA_VERSION = 7;

    /** Levels that can say something in the metadata which those before could not: no way back from them. */
    private static final Set<Integer> METADATA_CHANGED_WITH = Set.of(8, 11, 13, 14, 15, 17, 23, 30);

    /** An epoch for each transaction (KIP-890). */
    private static final short LATEST_TRANSACTION_VERSION = 2;

    /** With consumer groups (KIP-848). */
    private static final short LATEST_GROUP_VERSION = 1;

    /** KIP-966. */
    private static final short LATEST_ELIGIBLE_LEADER_REPLICAS_VERSION = 1;

    /** Apache Kafka 4.3. */
    static final short LATEST_METADATA_VERSION = 30;

    private static final Map<String, VersionRange> SUPPORTED = supportedRanges();

    private Features() {}

    private static Map<String, VersionRange> supportedRanges() {
        var all = Map.of(
                METADATA_VERSION,
                new VersionRange(FIRST_METADATA_VERSION, LATEST_METADATA_VERSION),
                KRAFT_VERSION,
                NOT_SUPPORTED,
                TRANSACTION_VERSION,
                new VersionRange((short) 0, LATEST_TRANSACTION_VERSION),
                GROUP_VERSION,
                new VersionRange((short) 0, LATEST_GROUP_VERSION),
                ELIGIBLE_LEADER_REPLICAS_VERSION,
                new VersionRange((short) 0, LATEST_ELIGIBLE_LEADER_REPLICAS_VERSION),
                SHARE_VERSION,
                NOT_SUPPORTED,
                STREAMS_VERSION,
                NOT_SUPPORTED);
        var served = new TreeMap<>(all);
        served.values().removeIf(NOT_SUPPORTED::equals);
        return Map.copyOf(served);
    }

    /** What this version serves: to be reported in ApiVersions and in a broker's registration. */
    public static Map<String, VersionRange> supported() {
        return SUPPORTED;
    }

    /** The levels that a new cluster starts with: the latest of everything. */
    public static Map<String, Short> latest() {
        var levels = new TreeMap<String, Short>();
        SUPPORTED.forEach((name, range) -> levels.put(name, range.max()));
        return Map.copyOf(levels);
    }

    /**
     * A node that does not know what the levels of the cluster mean must not go on.
     *
     * @param finalized by name
     * @param known by a version
     * @throws UnknownFormatException when that version does not know one of the levels
     */
    public static void requireKnown(Map<String, Short> finalized, Map<String, VersionRange> known) {
        finalized.forEach((name, level) -> {
            var range = known.getOrDefault(name, NOT_SUPPORTED);
            if (!range.contains(level)) {
                throw new UnknownFormatException("the cluster is at level " + level + " of " + name
                        + ", this version knows " + range + ": start a newer version of this node");
            }
        });
    }

    /** Whether a step down from one metadata version to another would lose what only the newer one can say. */
    static boolean metadataChanged(short from, short to) {
        return METADATA_CHANGED_WITH.stream().anyMatch(level -> to < level && level <= from);
    }
}
