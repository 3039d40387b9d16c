package io.odradek.nemesis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * Kinds of faults in an order that a seed decides, each once before any comes again. Nemeses that share a seed begin with
 * different hands of the same deck, so that together they get to all kinds however few strikes each of them has time for.
 */
final class Deck {
    private final Random random;
    private final List<FaultKind> cards;
    private boolean dealt;

    /**
     * @param hand begins with this hand of {@code hands}
     */
    Deck(Random random, int hand, int hands) {
        this.random = random;
        var all = shuffled();
        int size = all.size();
        cards = new ArrayList<>(all.subList(size * hand / hands, size * (hand + 1) / hands));
    }

    private List<FaultKind> shuffled() {
        var all = new ArrayList<>(List.of(FaultKind.values()));
        Collections.shuffle(all, random);
        return all;
    }

    /** The next kind that a fault can be made of; those before it are put aside until all have been there again. */
    Fault next(Function<FaultKind, Optional<Fault>> fault) {
        while (true) {
            if (cards.isEmpty()) {
                cards.addAll(shuffled());
            }
            var made = fault.apply(cards.remove(0));
            dealt |= cards.isEmpty();
            if (made.isPresent()) {
                return made.get();
            }
        }
    }

    /** The first of the kinds left that a fault can be made of; those before it stay where they are. */
    Optional<Fault> suitable(Function<FaultKind, Optional<Fault>> fault) {
        for (var card : List.copyOf(cards)) {
            var made = fault.apply(card);
            if (made.isPresent()) {
                cards.remove(card);
                dealt |= cards.isEmpty();
                return made;
            }
        }
        return Optional.empty();
    }

    /** Whether each kind of the first hand has had its turn. */
    boolean isFirstHandDealt() {
        return dealt;
    }
}
