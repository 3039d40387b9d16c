package io.odradek.group.consumer;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;

/**
 * What a request of a member changes, in three steps: what the member says of itself and with it the epoch of the group;
 * the target assignment of that epoch; the member's own way there.
 */
final class MemberUpdate {
    /** What a request means for a member's subscription. */
    enum SubscriptionChange {
        NONE,
        /** The member has a regular expression that has not been looked up yet: the epoch waits for that. */
        TO_UNRESOLVED_REGEX,
        COMPLETE
    }

    private final GroupEnvironment environment;
    private final GroupDraft draft;
    private final String memberId;

    MemberUpdate(GroupEnvironment environment, GroupDraft draft, String memberId) {
        this.environment = environment;
        this.draft = draft;
        this.memberId = memberId;
    }

    ConsumerGroupMember member() {
        return draft.group().requireMember(memberId);
    }

    /**
     * The member says this of itself.
     *
     * @throws InvalidRegularExpression its regular expression is none
     */
    SubscriptionChange say(Admission.Admitted admitted, MemberMetadata metadata) {
        var before = admitted.member().metadata();
        if (admitted.known() && metadata.equals(before)) {
            return SubscriptionChange.NONE;
        }
        var subscriptionsBefore = draft.group().subscriptions();
        var regex = metadata.topicRegex();
        boolean regexChanged = !regex.equals(before.topicRegex());
        if (regexChanged
                && metadata.hasRegex()
                && !subscriptionsBefore.regexes().containsKey(regex)) {
            RegexSyntax.compile(regex);
        }
        draft.add(GroupRecords.member(draft.groupId(), admitted.member().with(metadata)));
        if (regexChanged && before.hasRegex()) {
            forgetUnlessUsed(before.topicRegex());
        }
        if (!metadata.topicNames().equals(before.topicNames())) {
            return SubscriptionChange.COMPLETE;
        }
        if (!regexChanged) {
            return SubscriptionChange.NONE;
        }
        return !metadata.hasRegex() || subscriptionsBefore.resolved().containsKey(regex)
                ? SubscriptionChange.COMPLETE
                : SubscriptionChange.TO_UNRESOLVED_REGEX;
    }

    private void forgetUnlessUsed(String regex) {
        if (!draft.group().subscriptions().regexes().containsKey(regex)) {
            draft.add(GroupRecords.regexTombstone(draft.groupId(), regex));
        }
    }

    /** Makes a new epoch if the subscriptions have changed, or the topics that the group is subscribed to. */
    void updateEpoch(boolean subscriptionsChanged) {
        var group = draft.group();
        if (!subscriptionsChanged && environment.hasSeenItsTopics(group.groupId())) {
            return;
        }
        long hash = environment.metadataHash(group);
        if (subscriptionsChanged || hash != group.metadataHash()) {
            draft.add(GroupRecords.epoch(group.groupId(), group.epoch() + 1, hash));
        }
        if (group.hasSubscriptionMetadata()) {
            draft.add(GroupRecords.subscriptionMetadataTombstone(group.groupId()));
        }
    }

    void updateTarget() {
        new TargetComputation(environment).update(draft);
    }

    /**
     * @param subscriptionChanged whether the member's own subscription has
     * @param claimed what the member says that it owns; empty if it does not say
     * @return whether the member stands anywhere else now
     */
    boolean reconcile(boolean subscriptionChanged, Optional<List<TopicPartitions>> claimed) {
        var group = draft.group();
        var member = member();
        if (!subscriptionChanged
                && member.current().isReconciledTo(group.target().epoch())) {
            return false;
        }
        var subscribed = environment.topicIds(group.subscriptions().topicNames(member.metadata()));
        var next = new MemberReconciliation(group, member, subscribed, claimed).next(subscriptionChanged);
        if (next.equals(member.current())) {
            return false;
        }
        draft.add(GroupRecords.current(group.groupId(), member.with(next)));
        return true;
    }
}
