package io.odradek.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jgroups.Header;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.util.Bits;

/**
 * What nodes say to each other in an election; {@code curr_term} is always the sender's own term. jgroups-raft's headers do not carry
 * the candidate's log position, and cannot be read outside its package.
 */
public final class ElectionMessage extends RaftHeader {
    private static final short MAGIC = 3051;

    /** Makes it known to JGroups, before one may arrive: a header that it does not know puts a connection out of step. */
    static void register() {
        ClassConfigurator.addIfAbsent(MAGIC, ElectionMessage.class);
    }

    enum Kind {
        /** Is an election wanted? Binds nobody. */
        CANVASS,
        CANVASS_ANSWER,
        VOTE_REQUEST,
        VOTE,
        /** To the voter with the most in its log: stand. */
        NOMINATION,
        /** The sender leads no longer in its term. */
        RESIGNATION,
        /** Of the leader to a blank node: it counts once it has committed up to the index. */
        WELCOME
    }

    private Kind kind = Kind.CANVASS;
    private long round;
    private boolean yes;
    private boolean blank;
    private long lastTerm;
    private long lastIndex;

    /** For JGroups, which then reads it. */
    public ElectionMessage() {}

    private ElectionMessage(Kind kind, long term, long round, boolean yes, LogPosition last) {
        super(term);
        this.kind = kind;
        this.round = round;
        this.yes = yes;
        this.lastTerm = last.term();
        this.lastIndex = last.index();
    }

    /** @param round told again by the answers */
    static ElectionMessage canvass(long term, long round, LogPosition last) {
        return new ElectionMessage(Kind.CANVASS, term, round, false, last);
    }

    static ElectionMessage canvassAnswer(long term, long round, boolean yes, LogPosition last) {
        return new ElectionMessage(Kind.CANVASS_ANSWER, term, round, yes, last);
    }

    static ElectionMessage voteRequest(long term, LogPosition last) {
        return new ElectionMessage(Kind.VOTE_REQUEST, term, 0, false, last);
    }

    static ElectionMessage vote(long term, boolean yes, LogPosition last) {
        return new ElectionMessage(Kind.VOTE, term, 0, yes, last);
    }

    static ElectionMessage nomination(long term, LogPosition last) {
        return new ElectionMessage(Kind.NOMINATION, term, 0, false, last);
    }

    static ElectionMessage resignation(long term, LogPosition last) {
        return new ElectionMessage(Kind.RESIGNATION, term, 0, false, last);
    }

    /** Whoever is welcome counts once it has committed up to the index. */
    static ElectionMessage welcome(long term, long index) {
        return new ElectionMessage(Kind.WELCOME, term, 0, true, new LogPosition(term, index));
    }

    ElectionMessage ofBlank(boolean senderIsBlank) {
        blank = senderIsBlank;
        return this;
    }

    /** Whether the sender is blank ({@link BlankMark}). */
    boolean blank() {
        return blank;
    }

    Kind kind() {
        return kind;
    }

    long round() {
        return round;
    }

    boolean yes() {
        return yes;
    }

    /** Of the sender's log. */
    LogPosition last() {
        return new LogPosition(lastTerm, lastIndex);
    }

    @Override
    public short getMagicId() {
        return MAGIC;
    }

    @Override
    public Supplier<? extends Header> create() {
        return ElectionMessage::new;
    }

    @Override
    public int serializedSize() {
        return super.serializedSize() + 3 + Bits.size(round) + Bits.size(lastTerm) + Bits.size(lastIndex);
    }

    @Override
    public void writeTo(DataOutput out) throws IOException {
        super.writeTo(out);
        out.writeByte(kind.ordinal());
        out.writeBoolean(yes);
        out.writeBoolean(blank);
        Bits.writeLongCompressed(round, out);
        Bits.writeLongCompressed(lastTerm, out);
        Bits.writeLongCompressed(lastIndex, out);
    }

    @Override
    public void readFrom(DataInput in) throws IOException, ClassNotFoundException {
        super.readFrom(in);
        kind = Kind.values()[Objects.checkIndex(in.readByte(), Kind.values().length)];
        yes = in.readBoolean();
        blank = in.readBoolean();
        round = Bits.readLongCompressed(in);
        lastTerm = Bits.readLongCompressed(in);
        lastIndex = Bits.readLongCompressed(in);
    }

    @Override
    public String toString() {
        return kind + " term=" + currTerm() + " round=" + round + " yes=" + yes + (blank ? " blank" : "") + " last="
                + last();
    }
}
