package io.odradek.metadata;

import com.google.protobuf.Message;
import io.odradek.metadata.proto.MetadataProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** The values that commands and snapshots have in common. Maps are written in the order of their keys, so that equal values are equal bytes. */
final class ProtoValues {
    private ProtoValues() {}

    /** The message itself, if this version knows all of its fields. */
    static <M extends Message> M known(M message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new UnknownFormatException("fields "
                    + message.getUnknownFields().asMap().keySet() + " of "
                    + message.getDescriptorForType().getFullName()
                    + " are unknown to this version: they were written by a newer one");
        }
        return message;
    }

    static short toShort(int value) {
        if (value != (short) value) {
            throw new UnknownFormatException(value + " does not fit in 16 bits");
        }
        return (short) value;
    }

    static MetadataProto.Id id(Uuid id) {
        return MetadataProto.Id.newBuilder()
                .setHigh(id.getMostSignificantBits())
                .setLow(id.getLeastSignificantBits())
                .build();
    }

    static Uuid id(MetadataProto.Id id) {
        return new Uuid(known(id).getHigh(), id.getLow());
    }

    static <V, P> List<P> list(Map<String, V> map, BiFunction<String, V, P> entry) {
        return map.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> entry.apply(e.getKey(), e.getValue()))
                .toList();
    }

    static <K, P extends Message, V> Map<K, V> map(List<P> entries, Function<P, K> key, Function<P, V> value) {
        var map = new HashMap<K, V>();
        for (var entry : entries) {
            map.put(key.apply(known(entry)), value.apply(entry));
        }
        return map;
    }

    static List<MetadataProto.Config> configs(Map<String, String> configs) {
        return list(configs, (name, value) -> MetadataProto.Config.newBuilder()
                .setName(name)
                .setValue(value)
                .build());
    }

    static Map<String, String> configs(List<MetadataProto.Config> configs) {
        return map(configs, MetadataProto.Config::getName, MetadataProto.Config::getValue);
    }

    static MetadataProto.Resource resource(ConfigResource resource) {
        return MetadataProto.Resource.newBuilder()
                .setType(resource.type().id())
                .setName(resource.name())
                .build();
    }

    static ConfigResource resource(MetadataProto.Resource resource) {
        var type = ConfigResource.Type.forId((byte) known(resource).getType());
        if (type.id() != resource.getType()) {
            throw new UnknownFormatException("config resources of type " + resource.getType() + " are unknown");
        }
        return new ConfigResource(type, resource.getName());
    }

    static List<MetadataProto.FeatureLevel> levels(Map<String, Short> features) {
        return list(features, (name, level) -> MetadataProto.FeatureLevel.newBuilder()
                .setName(name)
                .setLevel(level)
                .build());
    }

    static Map<String, Short> levels(List<MetadataProto.FeatureLevel> features) {
        return map(features, MetadataProto.FeatureLevel::getName, f -> toShort(f.getLevel()));
    }

    static MetadataProto.RegisterBroker registration(Command.RegisterBroker broker) {
        var proto = MetadataProto.RegisterBroker.newBuilder()
                .setId(broker.id())
                .setIncarnation(id(broker.incarnation()))
                .addAllFeatures(list(broker.features(), (name, range) -> MetadataProto.FeatureRange.newBuilder()
                        .setName(name)
                        .setMin(range.min())
                        .setMax(range.max())
                        .build()));
        for (var endpoint : broker.endpoints()) {
            proto.addEndpoints(MetadataProto.Endpoint.newBuilder()
                    .setListener(endpoint.listener())
                    .setHost(endpoint.host())
                    .setPort(endpoint.port())
                    .setSecurityProtocol(endpoint.securityProtocol().id));
        }
        broker.rack().ifPresent(proto::setRack);
        if (broker.previousEpoch() != Command.NO_EPOCH) {
            proto.setPreviousEpoch(broker.previousEpoch());
        }
        return proto.build();
    }

    static Command.RegisterBroker registration(MetadataProto.RegisterBroker broker) {
        return new Command.RegisterBroker(
                known(broker).getId(),
                id(broker.getIncarnation()),
                broker.getEndpointsList().stream().map(ProtoValues::endpoint).toList(),
                broker.hasRack() ? Optional.of(broker.getRack()) : Optional.empty(),
                map(
                        broker.getFeaturesList(),
                        MetadataProto.FeatureRange::getName,
                        f -> new VersionRange(toShort(f.getMin()), toShort(f.getMax()))),
                broker.hasPreviousEpoch() ? broker.getPreviousEpoch() : Command.NO_EPOCH);
    }

    private static Endpoint endpoint(MetadataProto.Endpoint endpoint) {
        var protocol = SecurityProtocol.forId(toShort(known(endpoint).getSecurityProtocol()));
        if (protocol == null) {
            throw new UnknownFormatException("security protocol " + endpoint.getSecurityProtocol() + " is unknown");
        }
        return new Endpoint(endpoint.getListener(), endpoint.getHost(), endpoint.getPort(), protocol);
    }
}
