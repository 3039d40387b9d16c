package io.odradek.group.classic;

import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;

/** The protocols that a member understands, the one it likes best first, each with the member's metadata. Immutable. */
public final class MemberProtocols {
    private final Map<String, byte[]> metadataByName;

    private MemberProtocols(Map<String, byte[]> metadataByName) {
        this.metadataByName = Collections.unmodifiableMap(metadataByName);
    }

    /** Of a protocol that is named twice, the first counts. */
    public static MemberProtocols of(JoinGroupRequestProtocolCollection protocols) {
        var byName = new LinkedHashMap<String, byte[]>();
        protocols.forEach(protocol -> byName.putIfAbsent(protocol.name(), protocol.metadata()));
        return new MemberProtocols(byName);
    }

    /** @param metadataByName in the order of preference */
    public static MemberProtocols of(Map<String, byte[]> metadataByName) {
        return new MemberProtocols(new LinkedHashMap<>(metadataByName));
    }

    public Set<String> names() {
        return metadataByName.keySet();
    }

    /** In the order of preference. The arrays are not to be changed. */
    public Map<String, byte[]> asMap() {
        return metadataByName;
    }

    /** @throws IllegalArgumentException the member does not understand this protocol */
    public byte[] metadata(String protocol) {
        var metadata = metadataByName.get(protocol);
        if (metadata == null) {
            throw new IllegalArgumentException("Member does not support protocol " + protocol);
        }
        return metadata;
    }

    /** The protocol that the member likes best of those that all members understand. */
    String vote(Set<String> candidates) {
        return metadataByName.keySet().stream()
                .filter(candidates::contains)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("Member does not support any of the candidate protocols"));
    }

    /** Of all names and metadata together. */
    long sizeBytes() {
        long size = 0;
        for (var entry : metadataByName.entrySet()) {
            size += entry.getKey().length() + entry.getValue().length;
        }
        return size;
    }

    /** Whether names, their order, and metadata are the same. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MemberProtocols that && sameEntries(that);
    }

    private boolean sameEntries(MemberProtocols that) {
        if (metadataByName.size() != that.metadataByName.size()) {
            return false;
        }
        Iterator<Map.Entry<String, byte[]>> others =
                that.metadataByName.entrySet().iterator();
        for (var entry : metadataByName.entrySet()) {
            var other = others.next();
            if (!entry.getKey().equals(other.getKey()) || !Arrays.equals(entry.getValue(), other.getValue())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return metadataByName.keySet().hashCode();
    }

    @Override
    public String toString() {
        return metadataByName.keySet().toString();
    }
}
