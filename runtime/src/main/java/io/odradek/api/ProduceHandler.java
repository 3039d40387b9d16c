package io.odradek.api;

import io.odradek.log.AppendOrigin;
import io.odradek.log.RecordValidationException;
import io.odradek.metadata.TopicImage;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer.Usage;
import io.odradek.transaction.TransactionSupport;
import io.odradek.transaction.TransactionVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Produce: appends the batches on the thread it is called on, straight from the network's buffers, and answers as soon as
 * they are as safe as {@code acks} asks for. Mostly that is at once.
 */
public final class ProduceHandler implements ApiHandler<ProduceRequest> {
    private static final Predicate<String> ALL = topic -> true;
    private static final Map<TopicPartition, Errors> NOT_TRANSACTIONAL = Map.of();
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final short FIRST_VERSION_WITH_CURRENT_LEADER = 10;
    /** Who may write to internal topics, as in Kafka: whoever bears this client id. */
    private static final String ADMIN_CLIENT_ID = "__admin_client";

    private final PartitionRegistry partitions;
    private final AccessControl access;
    private final Quotas quotas;
    private final Timer timer;
    private final TransactionVerifier transactions;
    private final BooleanSupplier metadataLeaderKnown;

    /** @param metadataLeaderKnown whether this broker would learn that it leads a partition no more; asked by any thread */
    public ProduceHandler(
            PartitionRegistry partitions,
            AccessControl access,
            Quotas quotas,
            Timer timer,
            TransactionVerifier transactions,
            BooleanSupplier metadataLeaderKnown) {
        this.partitions = partitions;
        this.access = access;
        this.quotas = quotas;
        this.timer = timer;
        this.transactions = transactions;
        this.metadataLeaderKnown = metadataLeaderKnown;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.PRODUCE;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ProduceRequest request) {
        if (access.allowsEverything() && !hasTransactionalRecords(request)) {
            return produce(context, request, ALL, NOT_TRANSACTIONAL);
        }
        return mayUseTransactionalId(context, request)
                .thenCompose(allowed -> allowed
                        ? access.allowed(context.client(), AclOperation.WRITE, ResourceType.TOPIC, topicNames(request))
                                .thenCompose(topics -> verify(request, topics)
                                        .thenCompose(refused -> produce(context, request, topics, refused)))
                        : CompletableFuture.failedStage(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.exception()));
    }

    private CompletionStage<Boolean> mayUseTransactionalId(RequestContext context, ProduceRequest request) {
        if (!hasTransactionalRecords(request)) {
            return CompletableFuture.completedStage(true);
        }
        if (request.transactionalId() == null) {
            return CompletableFuture.completedStage(false);
        }
        return access.allowed(
                context.client(), AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, request.transactionalId());
    }

    private static boolean hasTransactionalRecords(ProduceRequest request) {
        for (var topic : request.data().topicData()) {
            for (var partition : topic.partitionData()) {
                if (partition.records() instanceof MemoryRecords records
                        && TransactionalBatches.isTransactional(records.buffer())) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<String> topicNames(ProduceRequest request) {
        var names = new ArrayList<String>();
        for (var topic : request.data().topicData()) {
            nameOf(topic, request.version()).ifPresent(names::add);
        }
        return names;
    }

    /** Empty if the topic is named by an id that is unknown. */
    private Optional<String> nameOf(TopicProduceData topic, short version) {
        return version < FIRST_VERSION_WITH_TOPIC_IDS
                ? Optional.of(topic.name())
                : partitions.image().topics().byId(topic.topicId()).map(TopicImage::name);
    }

    /** The partitions that must not be written to, as they are not in the producer's transaction, or may not be. */
    private CompletionStage<Map<TopicPartition, Errors>> verify(ProduceRequest request, Predicate<String> mayWrite) {
        var batches = new TransactionalBatches();
        for (var topic : request.data().topicData()) {
            var name = nameOf(topic, request.version());
            if (name.isEmpty() || !mayWrite.test(name.get())) {
                continue;
            }
            for (var partition : topic.partitionData()) {
                batches.add(name.get(), partition);
            }
        }
        return batches.isEmpty()
                ? CompletableFuture.completedStage(NOT_TRANSACTIONAL)
                : transactions.verifyOrAdd(
                        request.transactionalId(),
                        batches.producerId(),
                        batches.producerEpoch(),
                        batches.baseSequences(),
                        TransactionSupport.ofProduce(request.version()));
    }

    private CompletionStage<Reply> produce(
            RequestContext context,
            ProduceRequest request,
            Predicate<String> mayWrite,
            Map<TopicPartition, Errors> refused) {
        var response = new ProduceResponseData();
        var appended = new ArrayList<PendingAppend>();
        long bytes = 0;
        for (var topic : request.data().topicData()) {
            var answer = new TopicProduceResponse()
                    .setName(topic.name())
                    .setTopicId(topic.topicId())
                    .setPartitionResponses(new ArrayList<>(topic.partitionData().size()));
            response.responses().add(answer);
            var name = nameOf(topic, request.version());
            boolean allowed = name.isPresent() && mayWrite.test(name.get());
            for (var partition : topic.partitionData()) {
                bytes += partition.records() == null ? 0 : partition.records().sizeInBytes();
                var refusal =
                        refused.isEmpty() ? null : refused.get(new TopicPartition(name.orElse(""), partition.index()));
                answer.partitionResponses()
                        .add(
                                refusal == null
                                        ? append(context, request, topic, name.orElse(""), allowed, partition, appended)
                                        : TransactionalBatches.refused(partition, refusal, request.version()));
            }
        }
        for (var append : appended) {
            append.leader().wake();
        }
        long producedBytes = bytes;
        if (request.acks() == 0 || WaitingChanges.settle(appended)) {
            return CompletableFuture.completedStage(reply(context, request, response, producedBytes));
        }
        return WaitingChanges.await(appended, timer, request.timeout())
                .thenApply(settled -> reply(context, request, response, producedBytes));
    }

    private PartitionProduceResponse append(
            RequestContext context,
            ProduceRequest request,
            TopicProduceData topic,
            String name,
            boolean allowed,
            PartitionProduceData partition,
            List<PendingAppend> appended) {
        var answer = new PartitionProduceResponse()
                .setIndex(partition.index())
                .setBaseOffset(ProduceResponse.INVALID_OFFSET)
                .setLogStartOffset(ProduceResponse.INVALID_OFFSET);
        if (name.isEmpty() && request.version() >= FIRST_VERSION_WITH_TOPIC_IDS) {
            return answer.setErrorCode(Errors.UNKNOWN_TOPIC_ID.code());
        }
        if (!allowed) {
            return answer.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        PartitionLeader appending = null;
        try {
            var leader = topic.topicId().equals(Uuid.ZERO_UUID)
                    ? partitions.leader(name, partition.index())
                    : partitions.leader(topic.topicId(), partition.index(), PartitionRegistry.NO_EPOCH);
            var records = checked(context, request, name, partition);
            appending = leader;
            var result = leader.append(records, AppendOrigin.CLIENT, request.acks());
            appended.add(new PendingAppend(leader, result.lastOffset(), request.acks(), answer));
            return answer.setBaseOffset(result.baseOffset())
                    .setLogAppendTimeMs(result.logAppendTimeMs())
                    .setLogStartOffset(result.logStartOffset());
        } catch (RuntimeException e) {
            return refused(context, name, appending, answer, e);
        }
    }

    private static MemoryRecords checked(
            RequestContext context, ProduceRequest request, String topic, PartitionProduceData partition) {
        if (!(partition.records() instanceof MemoryRecords records)) {
            throw new InvalidRecordException("A partition without records");
        }
        try {
            ProduceRequest.validateRecords(request.version(), records);
        } catch (IllegalArgumentException e) {
            // kafka-clients adds a header's length to one that is Integer.MAX_VALUE.
            throw new InvalidRecordException("A batch that claims to be longer than any can be");
        }
        if (request.acks() < PartitionLeader.ACKS_ALL || request.acks() > 1) {
            throw Errors.INVALID_REQUIRED_ACKS.exception();
        }
        if (Topic.isInternal(topic) && !ADMIN_CLIENT_ID.equals(context.clientId())) {
            throw Errors.INVALID_TOPIC_EXCEPTION.exception("Cannot append to internal topic " + topic);
        }
        return records;
    }

    private PartitionProduceResponse refused(
            RequestContext context,
            String topic,
            PartitionLeader appending,
            PartitionProduceResponse answer,
            RuntimeException e) {
        if (goesByTheProducersPast(e) && !metadataLeaderKnown.getAsBoolean()) {
            return answer.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
        }
        var error = PartitionFailure.error(context, topic, answer.index(), e);
        if (e instanceof RecordValidationException invalid) {
            answer.setErrorMessage(invalid.getMessage());
            for (var record : invalid.recordErrors()) {
                answer.recordErrors()
                        .add(new BatchIndexAndErrorMessage()
                                .setBatchIndex(record.batchIndex)
                                .setBatchIndexErrorMessage(record.message));
            }
        }
        if (appending != null && tellsLogStart(e)) {
            answer.setLogStartOffset(appending.log().logStartOffset());
        }
        return answer.setErrorCode(error.code());
    }

    /**
     * Another broker may lead the partition by now, and have more of this producer than is here. A producer that believed it
     * was out of sequence would begin anew and write for a second time what it has not heard of yet.
     */
    private static boolean goesByTheProducersPast(RuntimeException e) {
        return e instanceof OutOfOrderSequenceException
                || e instanceof InvalidProducerEpochException
                || e instanceof InvalidTxnStateException;
    }

    /** As Kafka: a producer that is out of sequence learns from the log start offset whether its records are gone. */
    private static boolean tellsLogStart(RuntimeException e) {
        return !(e instanceof RecordTooLargeException
                || e instanceof RecordBatchTooLargeException
                || e instanceof CorruptRecordException
                || e instanceof InvalidTxnStateException
                || e instanceof InvalidMetadataException);
    }

    private Reply reply(RequestContext context, ProduceRequest request, ProduceResponseData response, long bytes) {
        int throttleTimeMs = quotas.record(context.client(), context.clientId(), Usage.PRODUCE_BYTES, bytes);
        var failed = firstError(response);
        if (request.acks() == 0) {
            return failed == Errors.NONE
                    ? new Reply.Silent(throttleTimeMs)
                    : new Reply.Disconnect("a produce with acks=0 failed: " + failed);
        }
        if (failed != Errors.NONE && context.apiVersion() >= FIRST_VERSION_WITH_CURRENT_LEADER) {
            addCurrentLeaders(context, response);
        }
        return Reply.of(new ProduceResponse(response.setThrottleTimeMs(throttleTimeMs)));
    }

    private static Errors firstError(ProduceResponseData response) {
        for (var topic : response.responses()) {
            for (var partition : topic.partitionResponses()) {
                if (partition.errorCode() != Errors.NONE.code()) {
                    return Errors.forCode(partition.errorCode());
                }
            }
        }
        return Errors.NONE;
    }

    private void addCurrentLeaders(RequestContext context, ProduceResponseData response) {
        var image = partitions.image();
        for (var topic : response.responses()) {
            for (var partition : topic.partitionResponses()) {
                if (partition.errorCode() != Errors.NOT_LEADER_OR_FOLLOWER.code()) {
                    continue;
                }
                var name = topic.topicId().equals(Uuid.ZERO_UUID)
                        ? topic.name()
                        : image.topics()
                                .byId(topic.topicId())
                                .map(TopicImage::name)
                                .orElse("");
                var leader = KnownLeader.of(
                        image, name, partition.index(), context.client().listener());
                partition.setCurrentLeader(
                        new LeaderIdAndEpoch().setLeaderId(leader.id()).setLeaderEpoch(leader.leaderEpoch()));
                leader.endpoint()
                        .filter(e -> response.nodeEndpoints().find(leader.id()) == null)
                        .ifPresent(e -> response.nodeEndpoints()
                                .add(new NodeEndpoint()
                                        .setNodeId(leader.id())
                                        .setHost(e.host())
                                        .setPort(e.port())
                                        .setRack(leader.rack().orElse(null))));
            }
        }
    }
}
