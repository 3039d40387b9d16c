package io.odradek.api.group;

import java.util.List;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.utils.Utils;

/** What a ConsumerGroupHeartbeat must look like, whatever group it is for. */
final class HeartbeatChecks {
    private HeartbeatChecks() {}

    /**
     * @param assignors that are served
     * @throws InvalidRequestException something is missing or empty
     * @throws UnsupportedAssignorException the member would like an assignor that is not served
     */
    static void check(ConsumerGroupHeartbeatRequestData request, short version, List<String> assignors) {
        if (version >= ConsumerGroupHeartbeatRequest.CONSUMER_GENERATED_MEMBER_ID_REQUIRED_VERSION
                || request.memberEpoch() > 0
                || request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH) {
            refuseEmpty(request.memberId(), "MemberId");
        }
        refuseEmpty(request.groupId(), "GroupId");
        refuseLong(request.memberId(), "MemberId");
        refuseLong(request.groupId(), "GroupId");
        refuseEmpty(request.instanceId(), "InstanceId");
        refuseEmpty(request.rackId(), "RackId");
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.JOIN_GROUP_MEMBER_EPOCH) {
            checkJoin(request);
        } else if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
            refuse(request.instanceId() == null, "InstanceId can't be null.");
        } else {
            refuse(
                    request.memberEpoch() < ConsumerGroupHeartbeatRequest.LEAVE_GROUP_STATIC_MEMBER_EPOCH,
                    "MemberEpoch is invalid.");
        }
        if (request.serverAssignor() != null && !assignors.contains(request.serverAssignor())) {
            throw new UnsupportedAssignorException("ServerAssignor " + request.serverAssignor()
                    + " is not supported. Supported assignors: " + String.join(", ", assignors) + ".");
        }
    }

    /** An empty list of topics, or an empty expression, will do: a member need not be subscribed to anything. */
    private static void checkJoin(ConsumerGroupHeartbeatRequestData request) {
        refuse(request.rebalanceTimeoutMs() == -1, "RebalanceTimeoutMs must be provided in first request.");
        refuse(
                request.topicPartitions() == null || !request.topicPartitions().isEmpty(),
                "TopicPartitions must be empty when (re-)joining.");
        refuse(
                request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null,
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
    }

    private static void refuseEmpty(String value, String name) {
        refuse(value != null && value.isBlank(), name + " can't be empty.");
    }

    /** It is to fit into the key of a record, whose format allows no more. */
    private static void refuseLong(String value, String name) {
        refuse(Utils.utf8Length(value) > Short.MAX_VALUE, name + " is too long.");
    }

    private static void refuse(boolean invalid, String why) {
        if (invalid) {
            throw new InvalidRequestException(why);
        }
    }
}
