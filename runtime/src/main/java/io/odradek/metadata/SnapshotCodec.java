package io.odradek.metadata;

import static io.odradek.metadata.ProtoValues.known;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.odradek.metadata.proto.MetadataProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePVector;

/**
 * An image as bytes, with the version of its format. A stream of small messages, so that neither side holds all of it
 * twice. Whether the bytes are intact is for the one who stores them to know.
 */
public final class SnapshotCodec {
    static final int FORMAT_VERSION = 1;
    private static final int MAGIC = 0x4f44524d; // ODRM

    private SnapshotCodec() {}

    public static void write(MetadataImage image, OutputStream out) throws IOException {
        var header = MetadataProto.SnapshotHeader.newBuilder()
                .setMagic(MAGIC)
                .setFormatVersion(FORMAT_VERSION)
                .setAppliedIndex(image.appliedIndex())
                .setCommands(image.commands())
                .setDigest(image.digest())
                .setNextProducerId(image.nextProducerId())
                .addAllFeatures(ProtoValues.levels(image.features()));
        image.clusterId().ifPresent(header::setClusterId);
        header.build().writeDelimitedTo(out);
        for (var broker : image.brokers().values()) {
            record().setBroker(broker(broker)).build().writeDelimitedTo(out);
        }
        for (var topic : image.topics().all()) {
            record().setTopic(topic(topic)).build().writeDelimitedTo(out);
        }
        for (var entry : image.configs().entrySet()) {
            record().setConfigs(MetadataProto.ResourceConfigs.newBuilder()
                            .setResource(ProtoValues.resource(entry.getKey()))
                            .addAllConfigs(ProtoValues.configs(entry.getValue())))
                    .build()
                    .writeDelimitedTo(out);
        }
        var records =
                image.brokers().size() + image.topics().size() + image.configs().size();
        record().setEnd(MetadataProto.SnapshotEnd.newBuilder().setRecords(records))
                .build()
                .writeDelimitedTo(out);
    }

    private static MetadataProto.SnapshotRecord.Builder record() {
        return MetadataProto.SnapshotRecord.newBuilder();
    }

    private static MetadataProto.Broker broker(BrokerImage broker) {
        return MetadataProto.Broker.newBuilder()
                .setRegistration(ProtoValues.registration(new Command.RegisterBroker(
                        broker.id(), broker.incarnation(), broker.endpoints(), broker.rack(), broker.features())))
                .setEpoch(broker.epoch())
                .setFenced(broker.fenced())
                .setInControlledShutdown(broker.inControlledShutdown())
                .build();
    }

    private static MetadataProto.Topic topic(TopicImage topic) {
        var proto = MetadataProto.Topic.newBuilder()
                .setId(ProtoValues.id(topic.id()))
                .setName(topic.name())
                .addAllConfigs(ProtoValues.configs(topic.configs()));
        for (var partition : topic.partitions()) {
            proto.addPartitions(MetadataProto.Partition.newBuilder()
                    .addAllReplicas(partition.replicas())
                    .addAllIsr(partition.isr())
                    .setLeader(partition.leader())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setPartitionEpoch(partition.partitionEpoch())
                    .addAllElr(partition.elr())
                    .addAllLastKnownElr(partition.lastKnownElr())
                    .addAllAddingReplicas(partition.addingReplicas())
                    .addAllRemovingReplicas(partition.removingReplicas()));
        }
        return proto.build();
    }

    /** @throws UnknownFormatException for a format that this version does not understand, or a snapshot without its end */
    public static MetadataImage read(InputStream in) throws IOException {
        var header = next(MetadataProto.SnapshotHeader.parser(), in);
        if (header.getMagic() != MAGIC) {
            throw new UnknownFormatException("not a snapshot of metadata");
        }
        if (header.getFormatVersion() != FORMAT_VERSION) {
            throw new UnknownFormatException("a snapshot of format version " + header.getFormatVersion()
                    + ": this version knows only " + FORMAT_VERSION);
        }
        var image = MetadataImage.EMPTY;
        var brokers = image.brokers();
        var topics = image.topics();
        var configs = image.configs();
        for (long records = 0; ; records++) {
            var record = known(next(MetadataProto.SnapshotRecord.parser(), in));
            switch (record.getKindCase()) {
                case BROKER -> {
                    var broker = broker(record.getBroker());
                    brokers = brokers.plus(broker.id(), broker);
                }
                case TOPIC -> topics = topics.with(topic(record.getTopic()));
                case CONFIGS ->
                    configs = configs.plus(
                            ProtoValues.resource(known(record.getConfigs()).getResource()),
                            HashTreePMap.from(
                                    ProtoValues.configs(record.getConfigs().getConfigsList())));
                case END -> {
                    if (record.getEnd().getRecords() != records) {
                        throw new UnknownFormatException(
                                "a snapshot of " + record.getEnd().getRecords() + " records has " + records);
                    }
                    return new MetadataImage(
                            known(header).getAppliedIndex(),
                            header.getCommands(),
                            header.getDigest(),
                            header.hasClusterId() ? Optional.of(header.getClusterId()) : Optional.empty(),
                            HashTreePMap.from(ProtoValues.levels(header.getFeaturesList())),
                            brokers,
                            topics,
                            configs,
                            header.getNextProducerId());
                }
                case KIND_NOT_SET ->
                    throw new UnknownFormatException(
                            "a record of a snapshot that this version does not know: it was written by a newer one");
            }
        }
    }

    private static <M> M next(Parser<M> parser, InputStream in) throws IOException {
        M message;
        try {
            message = parser.parseDelimitedFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownFormatException("not a snapshot of metadata: " + e.getMessage(), e);
        }
        if (message == null) {
            throw new UnknownFormatException("a snapshot without its end");
        }
        return message;
    }

    private static BrokerImage broker(MetadataProto.Broker proto) {
        var registration = ProtoValues.registration(known(proto).getRegistration());
        return new BrokerImage(
                registration.id(),
                proto.getEpoch(),
                registration.incarnation(),
                registration.endpoints(),
                registration.rack(),
                HashTreePMap.from(registration.features()),
                proto.getFenced(),
                proto.getInControlledShutdown());
    }

    private static TopicImage topic(MetadataProto.Topic proto) {
        List<PartitionImage> partitions = new ArrayList<>(known(proto).getPartitionsCount());
        for (var partition : proto.getPartitionsList()) {
            partitions.add(new PartitionImage(
                    partitions.size(),
                    known(partition).getReplicasList(),
                    partition.getIsrList(),
                    partition.getLeader(),
                    partition.getLeaderEpoch(),
                    partition.getPartitionEpoch(),
                    partition.getElrList(),
                    partition.getLastKnownElrList(),
                    partition.getAddingReplicasList(),
                    partition.getRemovingReplicasList()));
        }
        return new TopicImage(
                ProtoValues.id(proto.getId()),
                proto.getName(),
                TreePVector.from(partitions),
                HashTreePMap.from(ProtoValues.configs(proto.getConfigsList())));
    }
}
