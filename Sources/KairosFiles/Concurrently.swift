import Foundation

/// Applies `transform` to each element on all cores, and returns the results in the order of the elements.
public func concurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ transform: @Sendable (Element) -> Result
) -> [Result] {
    [Result](unsafeUninitializedCapacity: elements.count) { results, count in
        // Each element of the buffer is initialized exactly once, by the iteration with its index.
        nonisolated(unsafe) let results = results
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            results.initializeElement(at: index, to: transform(elements[index]))
        }
        count = elements.count
    }
}
